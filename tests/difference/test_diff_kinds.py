"""ftcore diff of every kind of network: both backends agree on a folder, and a changed tensor is named where it is."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ftcore.contract import Batch
from ftcore.difference import diff, workflow
from ftcore.difference.batch import read_batch, write_batch
from ftcore.difference.child import compute
from ftcore.difference.request import BATCH, Request
from ftcore.errors import FtcoreError
from ftcore.models import AnyModelSpec, SequenceHead, plan_model
from tests import tiny
from tests.language_models import causal
from tests.question_answering import answer_heads
from tests.seq2seq import pairs
from tests.token_classifiers import tagged
from tests.vision import images

BACKENDS = ["torch", "tf"]
TOKENS = {"vocab_size": 30, "embedding_size": 6}
NATIVE: dict[str, dict[str, Any]] = {
    "gru": {**TOKENS, "hidden_size": 5, "num_layers": 2, "bidirectional": True},
    "lstm": {"input_size": 3, "hidden_size": 4},
    "text-cnn": {**TOKENS, "filter_widths": [2, 3], "num_filters": 4},
    "linear": {"input_size": 200},
    "image-cnn": {"image_size": [8, 9], "num_channels": 2, "block_channels": [4, 5], "hidden_size": 6},
}
"""The LSTM reads ready vectors."""
OF_TOKENS = {"question answering": answer_heads.write, "token classifier": tagged.write}
BLOCKS = ("embeddings", "block 0", "block 1")
PAIR = tuple(f"{part} {place}" for part in ("encoder", "decoder") for place in BLOCKS)
POOLED, LAST = ("pooled", "logits", "loss"), ("logits", "loss")
PLACES: dict[str, tuple[str, ...]] = {
    "llama": (*BLOCKS, *LAST),
    "gpt2, untied": (*BLOCKS, *LAST),
    "t5": (*PAIR, *LAST),
    "bart": (*PAIR, *LAST),
    "bert2bert": (*PAIR, *LAST),
    "vit": (*BLOCKS, *POOLED),
    "deit": (*BLOCKS, *POOLED),
    "resnet": ("stem", "stage 0", "stage 1", *POOLED),
    "gru": ("embeddings", "layer 0", "layer 1", *POOLED),
    "lstm": ("values", "layer 0", *POOLED),
    "text-cnn": ("embeddings", "filters", *POOLED),
    "linear": ("features", *POOLED),
    "image-cnn": ("pixels", "block 0", "block 1", *POOLED),
    "question answering": (*BLOCKS, *LAST),
    "token classifier": (*BLOCKS, *LAST),
}
CHANGED = {
    "llama": ("model.layers.1.mlp.up_proj.weight", "block 1"),
    "gpt2, untied": ("lm_head.weight", "logits"),
    "t5": ("decoder.block.1.layer.1.EncDecAttention.k.weight", "decoder block 1"),
    "bart": ("model.decoder.layers.0.encoder_attn.v_proj.bias", "decoder block 0"),
    "bert2bert": ("encoder.encoder.layer.1.output.dense.bias", "encoder block 1"),
    "vit": ("vit.encoder.layer.0.layernorm_after.weight", "block 0"),
    "resnet": ("resnet.encoder.stages.1.layers.0.shortcut.convolution.weight", "stage 1"),
    "gru": ("rnn.weight_hh_l1_reverse", "layer 1"),
    "image-cnn": ("convolutions.1.weight", "block 1"),
    "question answering": ("qa_outputs.weight", "logits"),
    "token classifier": ("bert.encoder.layer.0.output.dense.bias", "block 0"),
}
"""A tensor of the files, and the place that reads it."""


def apart(folder: Path, requests: Sequence[Request], batch: Batch) -> tuple[Mapping[str, np.ndarray], ...]:
    """Compute in this process what child processes compute, through the files that they are given."""
    write_batch(folder / BATCH, batch)
    for number, request in enumerate(requests):
        request.write(folder / f"{number}.json")
    read = [Request.read(folder / f"{number}.json") for number in range(len(requests))]
    return tuple(compute(request, read_batch(folder / BATCH)) for request in read)


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "compute_apart", apart)


def write(name: str, folder: Path) -> Path:
    """Write a tiny folder of a kind."""
    if name in NATIVE:
        return write_native(name, folder)
    if name in OF_TOKENS:
        return OF_TOKENS[name]("bert", folder)
    if name in images.CONFIGS:
        return images.write(name, folder)
    return (causal if name in causal.CONFIGS else pairs).write(name, folder)


def write_native(name: str, folder: Path) -> Path:
    folder.mkdir()
    config = {"model_type": name, **NATIVE[name]}
    (folder / "config.json").write_text(json.dumps(config))
    if "vocab_size" in config:
        tiny.write_tokenizer(folder)
    spec = AnyModelSpec.model_validate({"from_scratch": {"architecture": str(folder)}})
    save_file(plan_model(spec, SequenceHead(3), 0, folder).tensors, folder / "model.safetensors")
    return folder


def changed(folder: Path, tensor: str) -> Path:
    """Return a copy of a folder with every number of one tensor moved: a single one may be read by no active unit."""
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    tensors = {name: array.copy() for name, array in load_file(copy / "model.safetensors").items()}
    moves = np.linspace(-0.5, 0.5, tensors[tensor].size, dtype=np.float32)
    tensors[tensor] += moves.reshape(tensors[tensor].shape)
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    return copy


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.slow
def test_both_backends_agree_on_a_folder(name: str, tmp_path: Path) -> None:
    found = diff([str(write(name, tmp_path / "model"))], BACKENDS, precision="float64")
    assert tuple(row.place for row in found.rows) == PLACES[name]
    assert found.verdict.startswith("the two networks agree: worst output ")
    assert found.exit_code == 0
    gradients = [one.path for row in found.rows for one in row.gradients]
    assert len(gradients) == len(set(gradients)) > 0
    assert max(row.output for row in found.rows) > 0


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_tensor_is_named_at_its_place(name: str, tmp_path: Path) -> None:
    folder, (tensor, place) = write(name, tmp_path / "model"), CHANGED[name]
    found = diff([str(folder), str(changed(folder, tensor))], BACKENDS[:1])
    assert found.parted is not None
    assert (found.parted.place, found.exit_code) == (place, 1)
    before = [row.output for row in found.rows[: found.rows.index(found.parted)]]
    assert before == [0.0] * len(before)
    assert found.values is not None
    assert [value.name for value in found.values] == [tensor]
    assert f"the first parameter that differs is {found.values[0].path} ({tensor}) in " in found.verdict


def test_a_running_statistic_is_a_difference(tmp_path: Path) -> None:
    folder = write("resnet", tmp_path / "model")
    tensor = "resnet.encoder.stages.0.layers.1.layer.0.normalization.running_mean"
    found = diff([str(folder), str(changed(folder, tensor))], BACKENDS[:1])
    assert found.parted is not None
    assert found.parted.place == "stage 0"
    assert f"the first parameter that differs is stages.0.1.0.norm.mean ({tensor})" in found.verdict


@pytest.mark.parametrize(
    ("name", "batch", "head"),
    [
        ("llama", "8 sequences of 1 to 32 tokens", "the language model's own, 23 outputs a token, loss cross-entropy"),
        ("bart", "8 pairs of sequences of 1 to 32 tokens", "the language model's own, 23 outputs a token"),
        ("resnet", "8 images of 3 x 64 x 64", "the model's own; pooling mean, 3 outputs, loss cross-entropy"),
        ("lstm", "8 sequences of 1 to 32 vectors", "classifier.weight, classifier.bias drawn from seed 0"),
        (
            "question answering",
            "8 sequences of 1 to 32 tokens",
            "the model's own; every token, 2 outputs, loss answer-span",
        ),
    ],
)
def test_what_is_computed_is_told(name: str, batch: str, head: str, tmp_path: Path) -> None:
    folder = write(name, tmp_path / "model")
    shutil.copytree(folder, tmp_path / "other")
    found = diff([str(folder), str(tmp_path / "other")], BACKENDS[:1])
    assert found.batch == f"{batch}, drawn from seed 0"
    assert found.head.startswith(head)
    assert (found.agree, found.values) == (True, ())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("t5", "--data gives one text per example, but t5 reads two: leave it out"),
        ("vit", "--data gives one text per example, but vit reads images: leave it out"),
        ("lstm", "--data gives one text per example, but lstm reads vectors: leave it out"),
    ],
)
def test_texts_are_for_what_reads_them(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "texts.csv").write_text("text\nred dog\n")
    with pytest.raises(FtcoreError) as error:
        diff([str(write(name, tmp_path / "model"))], BACKENDS, data=str(tmp_path / "texts.csv"))
    assert str(error.value) == message


def test_texts_of_a_file_go_through_a_language_model(tmp_path: Path) -> None:
    folder = write("llama", tmp_path / "model")
    (tmp_path / "texts.csv").write_text("text\nred dog\nblue bird by the river\n")
    found = diff(
        [str(folder), str(changed(folder, "model.norm.weight"))], BACKENDS[:1], data=str(tmp_path / "texts.csv")
    )
    assert found.batch.startswith("2 sequences of 4 to 7 tokens, the first rows of ")
    assert found.parted is not None
    assert found.parted.place == "block 1"
