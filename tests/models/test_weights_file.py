"""`model.weights`: the tensors of a file for a described network, with what people save around them."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from ftcore.contract.weights import Checkpoint
from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, FromScratch, ModelPlan, SequenceHead, plan_model

Tensors = dict[str, np.ndarray]
Writer = Callable[..., Path]
LIGHTNING = {"pytorch-lightning_version": "2.5.0", "epoch": 3, "global_step": 9, "optimizer_states": [{"state": {}}]}


def in_torch(tensors: Tensors, prefix: str = "") -> dict[str, torch.Tensor]:
    return {prefix + name: torch.from_numpy(value) for name, value in tensors.items()}


@pytest.fixture
def tensors(tiny_tensors: Tensors) -> Tensors:
    """The tiny BERT's, other values than its folder's."""
    return {name: value + 1 for name, value in tiny_tensors.items()}


@pytest.fixture
def described(write_folder: Writer) -> Path:
    """A folder with config.json and a tokenizer, and no weights."""
    folder = write_folder()
    (folder / "model.safetensors").unlink()
    return folder


def plan(folder: Path, weights: Path, outputs: int = 3, **fields: Any) -> ModelPlan:
    return plan_model(
        AnyModelSpec(pretrained=str(folder), weights=str(weights), **fields), SequenceHead(outputs), 0, Path()
    )


def refusal(folder: Path, weights: Path, **fields: Any) -> str:
    with pytest.raises(ModelError) as caught:
        plan(folder, weights, **fields)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def save(path: Path, content: Any) -> Path:
    torch.save(content, path)
    return path


OPTIMIZER = {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}
FORMS: dict[str, tuple[Callable[[Tensors], Any], list[str]]] = {
    "plain": (in_torch, []),
    "parameters": (lambda given: {name: torch.nn.Parameter(value) for name, value in in_torch(given).items()}, []),
    "data parallel": (
        lambda given: in_torch(given, "module."),
        ["the prefix 'module.' of data parallel is removed from every name"],
    ),
    "compiled": (
        lambda given: in_torch(given, "_orig_mod."),
        ["'_orig_mod.' of torch.compile is removed from the names"],
    ),
    "compiled data parallel": (
        lambda given: in_torch(given, "module._orig_mod."),
        [
            "'_orig_mod.' of torch.compile is removed from the names",
            "the prefix 'module.' of data parallel is removed from every name",
        ],
    ),
    "beside": (lambda given: {**in_torch(given), "epoch": 3, "loss": 0.5}, ["not read: epoch, loss"]),
    **{
        key: (
            lambda given, key=key: {
                "epoch": 3,
                key: in_torch(given),
                "optimizer_state_dict": OPTIMIZER,
                "rng_state": torch.ones(5),
                "best_accuracy": torch.tensor(0.5),
            },
            [
                f"the tensors are those under {key!r} of a training's checkpoint",
                "not read: epoch, optimizer_state_dict, rng_state, best_accuracy",
            ],
        )
        for key in ("state_dict", "model_state_dict", "model")
    },
    "a wrapper in a wrapper": (
        lambda given: {"model": {"state_dict": in_torch(given, "module."), "epoch": 1}},
        [
            "the tensors are those under 'model' of a training's checkpoint",
            "the tensors are those under 'state_dict' of a training's checkpoint",
            "not read: epoch",
            "the prefix 'module.' of data parallel is removed from every name",
        ],
    ),
    "lightning": (
        lambda given: {**LIGHTNING, "state_dict": in_torch(given, "model.")},
        [
            "the tensors are those under 'state_dict' of a Lightning checkpoint",
            "not read: pytorch-lightning_version, epoch, global_step, optimizer_states",
            "the prefix 'model.' is removed from every name",
        ],
    ),
    "lightning with another prefix": (
        lambda given: {**LIGHTNING, "state_dict": in_torch(given, "net.encoder.")},
        [
            "the tensors are those under 'state_dict' of a Lightning checkpoint",
            "not read: pytorch-lightning_version, epoch, global_step, optimizer_states",
            "the prefix 'net.encoder.' is removed from every name",
        ],
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_values_and_says_so(
    form: str, described: Path, tensors: Tensors, tmp_path: Path
) -> None:
    wrap, notes = FORMS[form]
    path = save(tmp_path / "w.pth", wrap(tensors))
    result = plan(described, path)
    assert result.notes == tuple(f"w.pth: {note}" for note in notes)
    assert set(result.tensors) == set(tensors) | set(result.new)
    assert result.new == ("classifier.weight", "classifier.bias")
    for name, value in tensors.items():
        np.testing.assert_array_equal(result.tensors[name], value, strict=True)
    assert (result.source, result.tokenizer_folder, result.dtype) == (path, described, "float32")
    assert result.weights_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_takes_the_place_of_the_folders_tensors(write_folder: Writer, tensors: Tensors, tmp_path: Path) -> None:
    folder = write_folder()
    save_file({f"module.{name}": value for name, value in tensors.items()}, tmp_path / "w.safetensors")
    result = plan(folder, tmp_path / "w.safetensors")
    assert result.notes == ("w.safetensors: the prefix 'module.' of data parallel is removed from every name",)
    name = "bert.pooler.dense.bias"
    np.testing.assert_array_equal(result.tensors[name], tensors[name], strict=True)


def test_a_described_network_from_scratch_takes_a_file(
    described: Path, write_folder: Writer, tensors: Tensors, tmp_path: Path
) -> None:
    save(tmp_path / "w.pth", in_torch(tensors))
    tokenizer = write_folder(name="tokenizer", words=7)
    scratch = FromScratch(architecture=str(described), tokenizer="tokenizer")
    result = plan_model(AnyModelSpec(from_scratch=scratch, weights="w.pth"), SequenceHead(3), 0, tmp_path)
    assert (result.source, result.tokenizer_folder) == (tmp_path / "w.pth", tokenizer)
    assert result.new == ("classifier.weight", "classifier.bias")
    name = "bert.pooler.dense.bias"
    np.testing.assert_array_equal(result.tensors[name], tensors[name], strict=True)


def test_a_head_of_the_asked_size_is_kept_and_said(
    described: Path, tensors: Tensors, head_tensors: Tensors, tmp_path: Path
) -> None:
    path = save(tmp_path / "w.pth", in_torch(tensors | head_tensors))
    result = plan(described, path)
    assert (result.new, result.labels) == ((), None)
    assert result.notes == (
        "w.pth: its head is kept, and its outputs are assumed to be in the order of the data's labels",
    )
    np.testing.assert_array_equal(result.tensors["classifier.weight"], head_tensors["classifier.weight"])


def test_a_head_of_another_size_is_replaced_only_when_the_spec_says_so(
    described: Path, tensors: Tensors, head_tensors: Tensors, tmp_path: Path
) -> None:
    path = save(tmp_path / "w.pth", in_torch(tensors | head_tensors))
    assert refusal(described, path, outputs=5) == (
        f"{path}: the checkpoint's head does not fit 5 outputs ('classifier.weight' is [3, 8], not [5, 8]); "
        "a training draws a new one with model.replace_head: true"
    )
    result = plan(described, path, outputs=5, replace_head=True)
    assert result.new == ("classifier.weight", "classifier.bias")
    assert result.ignored == ("classifier.bias", "classifier.weight")


def test_the_configs_labels_count_where_they_fit_the_files_head(
    write_folder: Writer, tiny_config: dict[str, Any], tensors: Tensors, head_tensors: Tensors, tmp_path: Path
) -> None:
    path = save(tmp_path / "w.pth", in_torch(tensors | head_tensors))
    for names, labels in ((["a", "b", "c"], ["a", "b", "c"]), (["a", "b"], None)):
        config = tiny_config | {"id2label": {str(index): name for index, name in enumerate(names)}}
        assert plan(write_folder(config=config, name=str(len(names))), path).labels == labels


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"model": {"w": torch.ones(1)}, "ema": {"w": torch.ones(1)}}, "holds tensors under 'model' (1), 'ema' (1),"),
        ({"encoder": {"w": torch.ones(1), "v": torch.ones(1)}}, "holds tensors under 'encoder' (2), but ftcore reads"),
        ({"model": {"w": torch.ones(1)}, "v": torch.ones(1)}, "under 'model' (1), by themselves v, but ftcore reads"),
        ({"epoch": 3, "args": {"lr": 0.1}}, "holds no tensors by name: it has epoch, args"),
        ({}, "holds no tensors by name: it has nothing"),
        (torch.ones(2), "holds one tensor, not tensors by name"),
        ([torch.ones(2)], "holds a list, not tensors by name"),
    ],
)
def test_what_is_not_clear_is_an_error_that_lists_what_is_there(
    content: Any, message: str, described: Path, tmp_path: Path
) -> None:
    path = save(tmp_path / "w.pth", content)
    found = refusal(described, path)
    assert found.startswith(f"{path}: ")
    assert message in found


def test_tensors_of_another_network(described: Path, tensors: Tensors, tmp_path: Path) -> None:
    lacking = {name: value for name, value in tensors.items() if name != "bert.encoder.layer.1.output.dense.bias"}
    path = save(tmp_path / "w.pth", in_torch(lacking, "module."))
    assert refusal(described, path) == f"{path}: the checkpoint lacks tensor 'bert.encoder.layer.1.output.dense.bias'"
    save(path, in_torch(tensors) | {"bert.criterion.weight": torch.ones(1)})
    assert "has no place for the checkpoint's tensor 'bert.criterion.weight'" in refusal(described, path)
    save(path, in_torch(tensors) | {"bert.pooler.dense.bias": torch.ones(9)})
    assert "tensor 'bert.pooler.dense.bias' is [9], and the network's 'bert.pooler.dense.bias' is [8]" in refusal(
        described, path
    )


def test_two_names_that_become_one(described: Path, tensors: Tensors, tmp_path: Path) -> None:
    name = "bert.pooler.dense.bias"
    path = save(tmp_path / "w.pth", in_torch(tensors) | {f"_orig_mod.{name}": torch.ones(8)})
    assert refusal(described, path) == f"{path}: {name!r} and '_orig_mod.{name}' are the same tensor"


def test_no_such_file(described: Path, tmp_path: Path) -> None:
    assert refusal(described, tmp_path / "no.pth") == f"model.weights: {tmp_path / 'no.pth'} does not exist"
    assert "is a folder: give the file, or the folder as model.pretrained" in refusal(described, tmp_path)


def shard(folder: Path, tensors: dict[str, torch.Tensor]) -> None:
    weight_map = {name: f"pytorch_model-0000{index % 2 + 1}-of-00002.bin" for index, name in enumerate(tensors)}
    for file in set(weight_map.values()):
        torch.save({name: value for name, value in tensors.items() if weight_map[name] == file}, folder / file)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": weight_map}))


@pytest.mark.parametrize("sharded", [False, True])
def test_a_folder_of_pickled_weights(sharded: bool, described: Path, tensors: Tensors) -> None:
    given = in_torch(tensors)
    shard(described, given) if sharded else torch.save(given, described / "pytorch_model.bin")
    result = plan_model(AnyModelSpec(pretrained=str(described)), SequenceHead(3), 0, Path())
    assert (result.source, result.notes, len(str(result.weights_sha256))) == (described, (), 64)
    for name, value in tensors.items():
        np.testing.assert_array_equal(result.tensors[name], value, strict=True)


def test_safetensors_go_first(write_folder: Writer, tiny_tensors: Tensors, tensors: Tensors) -> None:
    folder = write_folder()
    torch.save(in_torch(tensors), folder / "pytorch_model.bin")
    name = "bert.pooler.dense.bias"
    checkpoint = Checkpoint.open(folder)
    assert checkpoint.files == (folder / "model.safetensors",)
    np.testing.assert_array_equal(checkpoint.read(name), tiny_tensors[name])


def test_a_shard_that_is_no_file_of_tensors(described: Path, tensors: Tensors) -> None:
    shard(described, in_torch(tensors))
    torch.save(torch.nn.Linear(1, 1), described / "pytorch_model-00002-of-00002.bin")
    with pytest.raises(ModelError, match=r"00002-of-00002\.bin: holds a pickled object of torch\.nn\.modules\.linear"):
        Checkpoint.open(described)
