"""Batches of language models: labels, masks, and that how examples lie in a step changes nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stories
import torch
import transformers
from hypothesis import given
from hypothesis import strategies as st

from ftcore.conformance.measure import relative
from ftcore.contract import Batch, Program, Step, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.data.batches import global_batch
from ftcore.inputs.language.causal import CausalExamples
from ftcore.inputs.language.encoders import Example
from ftcore.inputs.language.masked import MaskedExamples, Masking
from ftcore.inputs.language.pairs import PairExamples
from ftcore.inputs.language.store import LanguageArrays, LanguageWriter, open_stored
from ftcore.models import plan_language_model

MASKING = Masking(share=0.15, mask=4, vocabulary=30, seed=7, max_length=64, pad_token_id=0)


def stored(examples: list[Example], folder: Path) -> LanguageArrays:
    folder.mkdir(exist_ok=True)
    with LanguageWriter(folder, len(examples[0].sequences)) as writer:
        for example in examples:
            writer.add(example)
        writer.finish(["text"])
    return open_stored(folder).arrays


def texts(lengths: list[int], seed: int = 0) -> list[Example]:
    draws = np.random.default_rng(seed)
    ids = [draws.integers(5, stories.VOCABULARY, length).tolist() for length in lengths]
    return [Example((one,), [place >= len(one) // 2 for place in range(len(one))], False) for one in ids]


def labelled(batch: Batch) -> list[tuple[int, int]]:
    """Return what is learned: (token, label) of each position with a weight."""
    places = batch.weights > 0
    return sorted(
        zip(batch.inputs["input_ids"][places].tolist(), batch.targets["labels"][places].tolist(), strict=True)
    )


@given(lengths=st.lists(st.integers(2, 20), min_size=1, max_size=12), data=st.data())
def test_packed_examples_learn_what_padded_ones_do(
    lengths: list[int], data: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    examples = texts(lengths)
    dataset = CausalExamples(stored(examples, tmp_path_factory.mktemp("arrays")), 64, 0)
    ids = np.array(data.draw(st.permutations(range(len(lengths)))))
    expected = sorted(
        (ids_[place], ids_[place + 1])
        for (ids_,), learned, *_ in examples
        for place in range(len(ids_) - 1)
        if learned[place + 1]
    )
    assert labelled(dataset.batch(ids)) == labelled(dataset.packed(ids)) == expected


@pytest.mark.slow
@pytest.mark.parametrize("backend", backends.names())
def test_packed_gives_the_gradient_of_padded(backend: str, tmp_path: Path) -> None:
    plan = plan_language_model(stories.write_model("causal", tmp_path / "model"), 0.0)
    dataset = CausalExamples(stored(texts([9, 3, 14, 6, 2, 11]), tmp_path / "arrays"), 16, 0)
    learner = backends.load(backend).build(Program(plan.network, CrossEntropy(), precision="float64"))
    learner.load_tensors(plan.tensors)
    found = []
    for batching in ("packed", "padded", "sorted"):
        batches = global_batch(dataset, np.arange(6), batching, None if batching == "packed" else 4)
        weight = sum(float(batch.weights.sum()) for batch in batches)
        found.append(learner.gradients(Step(1, batches, weight, 0.0)))
    for name, gradient in found[0].items():
        # RMSNorm is in float32 in transformers, whatever the type.
        assert max(relative(other[name], gradient) for other in found[1:]) <= 1e-6, name


@pytest.mark.parametrize("backend", backends.names())
def test_what_is_asked_is_not_learned(backend: str, tmp_path: Path) -> None:
    """The loss is the mean over the answers' tokens, by transformers' own logits."""
    folder = stories.write_model("causal", tmp_path / "model")
    examples = texts([9, 5, 12])
    batch = CausalExamples(stored(examples, tmp_path / "arrays"), 16, 0).batch(np.arange(3))
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    losses, count = 0.0, 0
    for (ids,), learned, *_ in examples:
        with torch.no_grad():
            scores = model(torch.tensor([ids])).logits.log_softmax(-1)[0]
        wanted = [place for place in range(len(ids) - 1) if learned[place + 1]]
        losses -= sum(float(scores[place, ids[place + 1]]) for place in wanted)
        count += len(wanted)
    plan = plan_language_model(folder, 0.0)
    learner = backends.load(backend).build(Program(plan.network, CrossEntropy()))
    learner.load_tensors(plan.tensors)
    found = learner.forward(batch, Want(logits=False, loss=True, likelihood=True))
    assert batch.weights.sum() == count
    assert found.loss == pytest.approx(losses, rel=1e-5)
    assert found.likelihood.log_probability.sum() == pytest.approx(-losses, rel=1e-5)


def test_a_prompt_is_what_comes_before_the_last_answer(tmp_path: Path) -> None:
    ids, learned = [5, 6, 7, 8, 9, 10], [False, True, True, False, True, True]
    dataset = CausalExamples(stored([Example((ids,), learned, False, ["a"])], tmp_path), 16, 0)
    assert [prompt.tolist() for prompt in dataset.prompts(np.array([0]))] == [[5, 6, 7, 8]]
    assert dataset.references(np.array([0])) == [["a"]]


def test_the_decoder_reads_its_target_late(tmp_path: Path) -> None:
    """As transformers' T5 shifts labels."""
    examples = [
        Example(([5, 6, 3], [7, 8, 9, 3]), [False] * 3 + [True] * 4, False),
        Example(([5, 3], [7, 3]), [False] * 2 + [True] * 2, False),
    ]
    batch = PairExamples(stored(examples, tmp_path / "pairs"), (0, 0), (3, 8), start=0).batch(np.array([1, 0]))
    labels = torch.tensor([[7, 3, -100, -100], [7, 8, 9, 3]])
    model = transformers.T5ForConditionalGeneration(transformers.T5Config(**stories.T5))
    expected = model._shift_right(labels).numpy()
    real = (labels >= 0).numpy()
    assert np.array_equal(batch.inputs["decoder_input_ids"][:, :4][real], expected[real])
    assert np.array_equal(batch.inputs["decoder_attention_mask"][:, :4], real)
    assert np.array_equal(batch.weights[:, :4], real)
    assert np.array_equal(batch.targets["labels"][:, :4], labels.clamp(min=0).numpy())
    # As wide as the longest source may be, and no multiple of anything.
    assert batch.inputs["input_ids"].tolist() == [[5, 3, 0], [5, 6, 3]]
    assert batch.tokens == 11


def masked(examples: list[Example], folder: Path, step: int = 1) -> MaskedExamples:
    return MaskedExamples(stored(examples, folder), MASKING).at_step(step)


def test_as_many_tokens_are_masked_as_asked_for(tmp_path: Path) -> None:
    ids = np.random.default_rng(0).integers(5, 30, (400, 50)).tolist()
    examples = [Example((one,), [False] + [True] * 48 + [False], False) for one in ids]
    dataset = masked(examples, tmp_path / "arrays")
    batch, original = dataset.batch(np.arange(400)), np.array(ids)
    given, chosen = batch.inputs["input_ids"][:, :50], batch.weights[:, :50] > 0
    assert not chosen[:, [0, -1]].any()
    assert np.array_equal(batch.targets["labels"][:, :50][chosen], original[chosen])
    assert np.array_equal(given[~chosen], original[~chosen])
    assert chosen[:, 1:-1].mean() == pytest.approx(0.15, abs=0.01)
    assert (given[chosen] == MASKING.mask).mean() == pytest.approx(0.8, abs=0.03)
    # A random token is the same one now and then.
    assert (given[chosen] == original[chosen]).mean() == pytest.approx(0.1 + 0.1 / 30, abs=0.02)
    others = given[chosen & (given != MASKING.mask) & (given != original)]
    assert len(np.unique(others)) > 20
    again = dataset.at_step(2).batch(np.arange(400))
    assert (again.weights[:, 1:49] * batch.weights[:, 1:49]).mean() == pytest.approx(0.15**2, abs=0.005)


@given(lengths=st.lists(st.integers(2, 20), min_size=1, max_size=12), step=st.integers(1, 1000), data=st.data())
def test_masks_do_not_depend_on_how_examples_lie(
    lengths: list[int], step: int, data: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    dataset = masked(texts(lengths), tmp_path_factory.mktemp("arrays"), step)
    ids = np.array(data.draw(st.permutations(range(len(lengths)))))
    parts = [dataset.batch(ids[:1]), *([dataset.batch(ids[1:])] if len(ids) > 1 else [])]
    whole = labelled(dataset.batch(ids))
    assert labelled(dataset.packed(ids)) == whole
    assert sorted(pair for part in parts for pair in labelled(part)) == whole


def test_every_token_is_masked_once(tmp_path: Path) -> None:
    examples = texts([6, 3, 9])
    every = masked(examples, tmp_path / "arrays").one_by_one()
    batch = every.batch(np.arange(len(every)))
    assert batch.weights.sum(axis=1).tolist() == [1.0] * len(every)
    assert (batch.inputs["input_ids"] == MASKING.mask).sum() == len(every)
    learned = [token for (ids,), wanted, *_ in examples for token, one in zip(ids, wanted, strict=True) if one]
    assert batch.targets["labels"][batch.weights > 0].tolist() == learned
    assert every.subset(np.array([2])).batch(np.array([0])).targets["labels"].max() > 0


def test_parts_of_a_text_are_counted_by_row(tmp_path: Path) -> None:
    with LanguageWriter(tmp_path, 1) as writer:
        for example, row in zip(texts([4, 4, 3, 4, 2]), [1, 1, 1, 3, 4], strict=True):
            writer.add(example, row)
        writer.finish(["text"])
    dataset = CausalExamples(open_stored(tmp_path).arrays, 16, 0)
    assert dataset.parts.tolist() == [3, 1, 1]
    assert dataset.subset(np.array([1, 2, 4])).parts.tolist() == [2, 1]
