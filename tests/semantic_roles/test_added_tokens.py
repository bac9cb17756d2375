"""Added marker tokens: new rows of every family's table, which transformers loads with the tokenizer."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from safetensors.numpy import load_file

from ftcore.conformance.families import FAMILY_CASES
from ftcore.conformance.measure import relative
from ftcore.contract import Batch, Program, Want, seeds
from ftcore.contract import discovery as backends
from ftcore.models import AnyModelSpec, FromScratch, ModelPlan, SequenceHead, plan_model, with_added_tokens
from ftcore.tasks import TASKS
from ftcore.text.predicate_mark import MARKERS
from ftcore.text.tokenizer import Tokenizer
from tests import tiny
from tests.results import read_result, write_result
from tests.token_classifiers import tagged

SENTENCES = [["red", "dog", "old", "tree", "big"], ["bird", "cat"], ["stone", "river", "warm"]]
PREDICATES = [2, 0, 2]
SIZE = len(tiny.VOCABULARY)


def marked(name: str, folder: Path) -> tuple[ModelPlan, Tokenizer]:
    tagged.write(name, folder)
    # Transformers chooses Qwen2's class itself, which makes its own tokenizer of these words.
    tiny.write_tokenizer(folder / "words")
    tokenizer = Tokenizer.load(folder / "words", 16, "markers")
    return with_added_tokens(tagged.plan(folder), tokenizer.stored, tokenizer.added, seed=5), tokenizer


def write(plan: ModelPlan, folder: Path) -> None:
    about = {"max_length": 16, "mark_predicate": "markers"}
    write_result(folder, plan, plan.tensors, tagged.LABELS, TASKS["semantic-role-labeling"], None, about)


def logits_of(backend: str, plan: ModelPlan, tokenizer: Tokenizer, precision: str = "float64") -> list[np.ndarray]:
    """Return the logits of each sentence's tokens."""
    chunk = tokenizer.encode_words(SENTENCES, PREDICATES)
    rows = [np.split(array, np.cumsum(chunk.lengths)[:-1]) for array in (chunk.ids, chunk.type_ids)]
    shape = (len(SENTENCES), int(chunk.lengths.max()))
    inputs = {name: np.zeros(shape, np.int32) for name in ("input_ids", "token_type_ids", "attention_mask")}
    for row, (ids, type_ids) in enumerate(zip(*rows, strict=True)):
        inputs["input_ids"][row, : len(ids)] = ids
        inputs["token_type_ids"][row, : len(ids)] = type_ids
        inputs["attention_mask"][row, : len(ids)] = 1
    batch = Batch(inputs, {}, inputs["attention_mask"].astype(np.float32), np.arange(len(SENTENCES)), 1)
    learner = backends.load(backend).build(Program(plan.network, precision=precision), "cpu")
    learner.load_tensors({key: value.astype(precision) for key, value in plan.tensors.items()})
    logits = learner.forward(batch, Want(logits=True)).logits
    assert logits is not None
    return [logits[row, :length] for row, length in enumerate(chunk.lengths)]


def check_against_transformers(backend: str, name: str, folder: Path) -> None:
    plan, ours = marked(name, folder / "pretrained")
    write(plan, folder / "result")
    model = transformers.AutoModelForTokenClassification.from_pretrained(folder / "result").double().eval()
    # A family's own class would make its own tokenizer of these words.
    theirs = transformers.PreTrainedTokenizerFast.from_pretrained(folder / "result")
    assert model.config.vocab_size == SIZE + 2
    assert theirs.convert_tokens_to_ids(list(MARKERS)) == [SIZE, SIZE + 1]
    bound = 1e-6 if FAMILY_CASES[name].float32_inside else 1e-10
    for row, (words, place) in enumerate(zip(SENTENCES, PREDICATES, strict=True)):
        given = [*words[:place], MARKERS[0], words[place], MARKERS[1], *words[place + 1 :]]
        encoded = theirs(given, is_split_into_words=True, return_tensors="pt")
        with torch.no_grad():
            expected = model(encoded["input_ids"]).logits[0].numpy()
        assert relative(logits_of(backend, plan, ours)[row], expected) <= bound


# Transformers makes Qwen2's tokenizer its own way, in which a word of these is no token.
@pytest.mark.parametrize("name", sorted({*tagged.NAMES} - {"qwen2"}))
def test_every_family_is_transformers_with_new_rows(name: str, tmp_path: Path) -> None:
    check_against_transformers("torch", name, tmp_path)


@pytest.mark.parametrize("name", ["bert", "gpt2"])
def test_in_tensorflow_too(name: str, tmp_path: Path) -> None:
    check_against_transformers("tf", name, tmp_path)


@pytest.mark.parametrize("backend", backends.names())
def test_a_segment_is_transformers_token_type(backend: str, tmp_path: Path) -> None:
    ours = Tokenizer.load(tagged.write("bert", tmp_path), 16, "segment")
    assert ours.added == {}
    model = tagged.build("bert").double()
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path)
    found = logits_of(backend, tagged.plan(tmp_path), ours)
    for row, (words, place) in enumerate(zip(SENTENCES, PREDICATES, strict=True)):
        encoded = theirs(words, is_split_into_words=True, return_tensors="pt")
        types = torch.tensor([[int(word == place) for word in encoded.word_ids(0)]])
        assert types.sum() == 1
        with torch.no_grad():
            expected = model(encoded["input_ids"], token_type_ids=types).logits[0].numpy()
        assert relative(found[row], expected) <= 1e-10


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_new_rows_are_drawn_and_the_others_stay(dtype: str, tmp_path: Path) -> None:
    tiny.write_model(tmp_path, dtype, initializer_range=0.5)
    before, tokenizer = tagged.plan(tmp_path), Tokenizer.load(tmp_path, 16, "markers")
    assert tokenizer.added == {MARKERS[0]: SIZE, MARKERS[1]: SIZE + 1}
    plan = with_added_tokens(before, tokenizer.stored, tokenizer.added, seed=5)
    table = before.network.architecture.token_table
    assert table is not None
    values = plan.tensors[table.name]
    assert values.dtype == before.tensors[table.name].dtype
    np.testing.assert_array_equal(values[:SIZE], before.tensors[table.name])
    for number, marker in enumerate(MARKERS):
        drawn = seeds.generator(5, "added token", marker).standard_normal(16, dtype=np.float32) * np.float32(0.5)
        np.testing.assert_array_equal(values[SIZE + number], drawn.astype(values.dtype))
    other = with_added_tokens(before, tokenizer.stored, tokenizer.added, seed=6)
    assert not np.array_equal(other.tensors[table.name][SIZE:], values[SIZE:])
    assert {name: array for name, array in plan.tensors.items() if name != table.name}.keys() == (
        before.tensors.keys() - {table.name}
    )


def test_a_table_with_room_does_not_grow(tmp_path: Path) -> None:
    tiny.write_model(tmp_path, vocab_size=SIZE + 8)
    tokenizer, before = Tokenizer.load(tmp_path, 16, "markers"), tagged.plan(tmp_path)
    plan = with_added_tokens(before, tokenizer.stored, tokenizer.added, seed=5)
    table = plan.network.architecture.token_table
    assert table is not None
    assert table.shape == (SIZE + 8, 16)
    changed = (plan.tensors[table.name] != before.tensors[table.name]).any(axis=1)
    assert np.flatnonzero(changed).tolist() == [SIZE, SIZE + 1]


def test_a_result_is_read_again_and_has_its_tokens_already(tmp_path: Path) -> None:
    plan, _ = marked("bert", tmp_path / "pretrained")
    write(plan, tmp_path / "result")
    again = read_result(tmp_path / "result")
    assert {key: value.shape for key, value in again.tensors.items()} == {
        key: value.shape for key, value in plan.tensors.items()
    }
    tokenizer = Tokenizer.load(tmp_path / "result", 16, "markers")
    assert tokenizer.added == {}
    assert with_added_tokens(again, tokenizer.stored, tokenizer.added, seed=0) is again
    stored = load_file(tmp_path / "result" / "model.safetensors")
    assert stored["bert.embeddings.word_embeddings.weight"].shape[0] == SIZE + 2
    added = json.loads((tmp_path / "result" / "tokenizer.json").read_text())["added_tokens"]
    assert [token["content"] for token in added][-2:] == list(MARKERS)


@pytest.mark.slow
def test_a_vocabulary_file_alone_is_converted_and_gets_them_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    folder = tagged.write("bert", tmp_path / "pretrained")
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}))
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in tiny.VOCABULARY))
    tokenizer = Tokenizer.load(folder, 16, "markers")
    write(with_added_tokens(tagged.plan(folder), tokenizer.stored, tokenizer.added, seed=5), tmp_path / "result")
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "result")
    assert theirs.convert_tokens_to_ids(list(MARKERS)) == [SIZE, SIZE + 1]
    assert theirs.tokenize(" ".join(["red", MARKERS[0], "dog", MARKERS[1]])) == ["red", MARKERS[0], "dog", MARKERS[1]]
    assert Tokenizer.load(tmp_path / "result", 16, "markers").added == {}


@pytest.mark.parametrize("config", [{"model_type": "lstm", "hidden_size": 4}, {"model_type": "text-cnn"}])
def test_networks_of_ftcores_own_grow_too(config: dict[str, Any], tmp_path: Path) -> None:
    own = {} if config["model_type"] == "lstm" else {"filter_widths": [2], "num_filters": 3}
    tiny.write_tokenizer(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({**config, **own, "vocab_size": SIZE, "embedding_size": 4}))
    spec = AnyModelSpec(from_scratch=FromScratch(architecture=str(tmp_path)))
    plan, tokenizer = plan_model(spec, SequenceHead(2), 0, tmp_path), Tokenizer.load(tmp_path, 16, "markers")
    grown = with_added_tokens(plan, tokenizer.stored, tokenizer.added, seed=5)
    table = grown.network.architecture.token_table
    assert table is not None
    assert table.shape == grown.tensors[table.name].shape == (SIZE + 2, 4)
    assert grown.network.architecture.config["vocab_size"] == SIZE + 2
    np.testing.assert_array_equal(grown.tensors[table.name][:SIZE], plan.tensors[table.name])
