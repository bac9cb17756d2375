"""Encoder-decoders drop and round alike on every backend, and only what they tie is tied.

That they are transformers' is in tests/families.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pairs
import pytest
import torch
import transformers
from safetensors.numpy import load_file, save_file

from ftcore.conformance import batches
from ftcore.conformance.measure import relative
from ftcore.contract import Batch, Learner, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.network import Head
from ftcore.contract.optimizers import SGD, AdamW
from ftcore.errors import BackendError, ModelError
from ftcore.models import ModelPlan, plan_language_model, trainable_names


def build(backend: str, plan: ModelPlan, precision: str = "float64", optimizer: Any = None) -> Learner:
    program = Program(
        plan.network, CrossEntropy(), optimizer or SGD(), precision=precision, decay_exempt=frozenset(), seed=4
    )
    learner = backends.load(backend).build(program, "cpu")
    stored = "float64" if precision == "float64" else "float32"
    learner.load_tensors({key: value.astype(stored) for key, value in plan.tensors.items()})
    return learner


@pytest.mark.slow
@pytest.mark.parametrize("name", pairs.FAMILIES)
def test_every_backend_drops_the_same(name: str, tmp_path: Path) -> None:
    plan, given = plan_language_model(pairs.write(name, tmp_path), 0.3), pairs.batch()
    same = 1e-7 if name in pairs.FLOAT32_INSIDE else 1e-12
    learners = [build(backend, plan) for backend in backends.names()]
    steps = [one.train_step(batches.step(CrossEntropy(), [given], index=3)) for one in learners]
    assert relative(float(steps[1].loss), float(steps[0].loss)) <= same
    assert relative(float(steps[1].grad_norm), float(steps[0].grad_norm)) <= 100 * same
    first, second = (one.tensors() for one in learners)
    for key, value in first.items():
        assert relative(second[key], value) <= 100 * same, key
    without = build("torch", plan_language_model(tmp_path, 0.0)).forward(given, Want(loss=True)).loss
    assert abs(float(steps[0].loss) - without / float(given.weights.sum())) > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["t5", "bart"])
def test_every_place_drops(name: str, tmp_path: Path) -> None:
    """A place that drops nothing, or another's mask, leaves the mean of many steps' losses as far from that of none."""
    given = pairs.batch()
    kept = plan_language_model(pairs.write(name, tmp_path), 0.0)
    without = build("torch", kept).forward(given, Want(loss=True)).loss / float(given.weights.sum())
    plan = plan_language_model(tmp_path, 0.3)
    sites = plan.network.dropout_sites
    places = {site.replace(".0.", ".").replace(".1.", ".") for site in sites}
    assert len(sites) == len(set(sites))
    wanted = {"embeddings", "blocks.attention.weights", "blocks.attention", "blocks.feed_forward.inner"}
    assert {f"{part}.{place}" for part in ("encoder", "decoder") for place in wanted} <= places
    assert {"decoder.blocks.cross_attention.weights", "decoder.blocks.cross_attention"} <= places
    learner = build("torch", plan)
    losses = [
        float(learner.train_step(batches.step(CrossEntropy(), [given], index=index, learning_rate=0.0)).loss)
        for index in range(1, 4)
    ]
    assert len({round(loss, 6) for loss in (without, *losses)}) == 4


@pytest.mark.slow
def test_training_moves_all_but_buffers(tmp_path: Path) -> None:
    plan, given = plan_language_model(pairs.write("marian", tmp_path)), pairs.batch()
    for backend in backends.names():
        learner = build(backend, plan, "float32", AdamW())
        learner.train_step(batches.step(CrossEntropy(), [given], 1, 1e-2))
        trained = learner.tensors()
        for tensor in plan.network.tensors:
            same = np.array_equal(trained[tensor.name], plan.tensors[tensor.name])
            assert same == (tensor in plan.network.buffers), tensor.name


@pytest.mark.slow
def test_gradients_are_the_same_bits_again(tmp_path: Path) -> None:
    """The shared table has three readers, and the biases of distances and the encoder's output one a block."""
    plan, given = plan_language_model(pairs.write("t5", tmp_path), 0.0), pairs.batch()
    learner = build("tf", plan, "float32")
    first, second = (learner.gradients(batches.step(CrossEntropy(), [given])) for _ in range(2))
    for name, gradient in first.items():
        np.testing.assert_array_equal(gradient, second[name], err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["t5, 1.1", "bart", "pegasus", "bert2bert"])
def test_half_precision_is_near_on_every_backend(name: str, tmp_path: Path) -> None:
    plan, given = plan_language_model(pairs.write(name, tmp_path), 0.3), pairs.batch()
    exact, *rounded = (
        float(build(backend, plan, precision).train_step(batches.step(CrossEntropy(), [given])).loss)
        for backend, precision in (("torch", "float32"), ("torch", "bfloat16"), ("tf", "bfloat16"))
    )
    assert 1e-7 < relative(rounded[0], exact) <= 1e-2
    assert 1e-7 < relative(rounded[1], exact) <= 1e-2


def test_a_head_of_sequences_is_refused(tmp_path: Path) -> None:
    plan = plan_language_model(pairs.write("t5", tmp_path))
    network = replace(plan.network, head=Head(0, "mean", None, "single", None, 0.0, ()))
    for backend in backends.names():
        with pytest.raises(BackendError, match="an encoder-decoder needs a language model's head"):
            backends.load(backend).build(Program(network), "cpu")


def test_buffers_are_no_pattern_of_what_is_trained(tmp_path: Path) -> None:
    network = plan_language_model(pairs.write("marian", tmp_path)).network
    assert trainable_names(["*.fc1.*"], network)
    with pytest.raises(ModelError, match="matches no parameter"):
        trainable_names(["*embed_positions*"], network)


def test_padding_of_either_text_changes_nothing(tmp_path: Path) -> None:
    plan, given = plan_language_model(pairs.write("t5", tmp_path), 0.0), pairs.batch()
    longer = {name: np.pad(array, ((0, 0), (0, 3))) for name, array in given.inputs.items()}
    wider = Batch(
        longer,
        {"labels": np.pad(given.targets["labels"], ((0, 0), (0, 3)))},
        np.pad(given.weights, ((0, 0), (0, 3))),
        given.example_ids,
    )
    real = given.inputs["decoder_attention_mask"] == 1
    for backend in backends.names():
        learner = build(backend, plan)
        short, long = (learner.forward(one, Want()).logits for one in (given, wider))
        assert relative(long[:, :-3][real], short[real]) <= 1e-12


def test_a_head_that_is_not_the_table_is_kept(tmp_path: Path) -> None:
    """As checkpoints of T5 1.1 have it."""
    pairs.write("t5, 1.1", tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    save_file(
        {**tensors, "lm_head.weight": 2 * tensors["shared.weight"]}, tmp_path / "model.safetensors", {"format": "pt"}
    )
    assert not plan_language_model(tmp_path).network.head.tied
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    assert not torch.equal(model.lm_head.weight, model.shared.weight)


def test_copies_of_the_table_are_passed_over_where_they_are_copies(tmp_path: Path) -> None:
    pairs.write("bart", tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    copies = {
        f"model.{part}.embed_tokens.weight": tensors["model.shared.weight"].copy() for part in ("encoder", "decoder")
    }
    save_file({**tensors, **copies}, tmp_path / "model.safetensors", {"format": "pt"})
    assert set(plan_language_model(tmp_path).ignored) == set(copies)
    copies["model.encoder.embed_tokens.weight"][5, 5] += 1
    save_file({**tensors, **copies}, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"'model\.encoder\.embed_tokens\.weight' and 'model\.shared\.weight' differ"):
        plan_language_model(tmp_path)


@pytest.mark.parametrize(
    ("name", "field", "value", "message"),
    [
        ("bart", "decoder_layerdrop", 0.1, "decoder_layerdrop is 0.1, which ftcore does not support"),
        ("bart", "tie_word_embeddings", False, "tie_word_embeddings is False"),
        ("bart", "d_model", 15, "d_model 15 is not a multiple of encoder_attention_heads 2"),
        ("marian", "share_encoder_decoder_embeddings", False, "share_encoder_decoder_embeddings is False"),
        ("marian", "decoder_vocab_size", 7, "decoder_vocab_size is 7"),
        ("t5", "feed_forward_proj", "gated-mish", "feed_forward_proj 'mish' is not supported"),
        ("t5", "is_decoder", True, "is_decoder is True"),
        ("bert2bert", "encoder", {**pairs.BERT, "model_type": "gpt2"}, "encoder: model_type 'gpt2' is not supported"),
        ("bert2bert", "decoder", pairs.BERT, "is_decoder is False, which ftcore does not support; allowed: True"),
        ("bert2bert", "decoder", {**pairs.DECODER, "tie_word_embeddings": False}, "tie_word_embeddings is False"),
        (
            "bert2bert",
            "encoder",
            {**pairs.BERT, "hidden_size": 8},
            "hidden_size is 8 of the encoder, 16 of the decoder",
        ),
    ],
)
def test_a_config_that_is_not_followed_is_refused(
    name: str, field: str, value: object, message: str, tmp_path: Path
) -> None:
    folder = pairs.write(name, tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, field: value}))
    with pytest.raises(ModelError) as error:
        plan_language_model(folder)
    assert message in str(error.value)
