"""Folders and files whose tensors are wrapped, or whose config.json does not say which head they have."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, TokenClassifierHead, plan_model
from ftcore.models.heads import HeadKind

Tensors = dict[str, np.ndarray]
Writer = Callable[..., Path]
SEQUENCE = SequenceHead(3)


def plan(folder: Path, head: HeadKind = SEQUENCE, **fields: Any) -> ModelPlan:
    return plan_model(AnyModelSpec(pretrained=str(folder), **fields), head, 0, Path())


def refusal(folder: Path, head: HeadKind = SEQUENCE, **fields: Any) -> str:
    with pytest.raises(ModelError) as caught:
        plan(folder, head, **fields)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def pickled(folder: Path, tensors: Tensors, prefix: str) -> Path:
    """Replace the folder's weights by a pytorch_model.bin, with a prefix before every name."""
    (folder / "model.safetensors").unlink()
    given = {prefix + name: torch.from_numpy(value) for name, value in tensors.items()}
    torch.save(given, folder / "pytorch_model.bin")
    return folder


@pytest.mark.parametrize(
    ("prefix", "note"),
    [
        ("module.", "the prefix 'module.' of data parallel is removed from every name"),
        ("model.", "the prefix 'model.' is removed from every name"),
        ("_orig_mod.", "'_orig_mod.' of torch.compile is removed from the names"),
    ],
)
def test_a_prefix_is_removed_in_a_folder_too(
    prefix: str, note: str, write_folder: Writer, tiny_tensors: Tensors
) -> None:
    result = plan(pickled(write_folder(), tiny_tensors, prefix))
    assert result.notes == (f"tiny: {note}",)
    assert result.new == ("classifier.weight", "classifier.bias")
    for name, value in tiny_tensors.items():
        np.testing.assert_array_equal(result.tensors[name], value, strict=True)


def lightning(path: Path, tensors: Tensors) -> Path:
    given = {name: torch.from_numpy(value) for name, value in tensors.items()}
    torch.save({"pytorch-lightning_version": "2.5.0", "state_dict": given}, path)
    return path


def test_a_classifier_beside_a_lightning_modules_model_is_its_head(
    write_folder: Writer, tiny_tensors: Tensors, head_tensors: Tensors, tmp_path: Path
) -> None:
    inside = {f"model.{name.removeprefix('bert.')}": value for name, value in tiny_tensors.items()}
    path = lightning(tmp_path / "w.ckpt", inside | head_tensors)
    result = plan(write_folder(), weights=str(path))
    assert f"w.ckpt: the prefix 'model.' is removed from {len(inside)} of {len(inside) + 2} names" in result.notes
    assert result.new == ()
    for name, value in (tiny_tensors | head_tensors).items():
        np.testing.assert_array_equal(result.tensors[name], value, strict=True)


def test_other_tensors_beside_a_lightning_modules_model_are_named(
    write_folder: Writer, tiny_tensors: Tensors, tmp_path: Path
) -> None:
    inside = {f"model.{name}": value for name, value in tiny_tensors.items()}
    odd = {"loss_fn.weight": np.ones(3, np.float32), "accuracy.correct": np.ones(1, np.float32)}
    path = lightning(tmp_path / "w.ckpt", inside | odd)
    assert refusal(write_folder(), weights=str(path)) == (
        f"{path}: the network has no place for the checkpoint's tensors 'accuracy.correct', 'loss_fn.weight'"
    )


def test_what_is_missing_and_what_is_odd_are_named_together(write_folder: Writer, tiny_tensors: Tensors) -> None:
    given = dict(tiny_tensors)
    given["bert.embeddings.words.weight"] = given.pop("bert.embeddings.word_embeddings.weight")
    folder = write_folder(tensors=given)
    assert refusal(folder) == (
        f"{folder}: the checkpoint lacks tensor 'bert.embeddings.word_embeddings.weight'; the network has no place "
        "for the checkpoint's tensor 'bert.embeddings.words.weight'"
    )


def test_architectures_may_be_one_text(
    write_folder: Writer, tiny_config: dict[str, Any], tiny_tensors: Tensors, head_tensors: Tensors
) -> None:
    config = tiny_config | {"architectures": "BertForTokenClassification"}
    folder = write_folder(config=config, tensors=tiny_tensors | head_tensors)
    assert "is that of BertForTokenClassification, not of BertForSequenceClassification" in refusal(folder)
    assert plan(folder, TokenClassifierHead(3)).new == ()
    (folder / "config.json").write_text(json.dumps(tiny_config | {"architectures": {"0": "BertModel"}}))
    assert "config.json: architectures is {'0': 'BertModel'}, but must be a list of class names" in refusal(folder)


def test_a_head_that_no_architectures_name_is_said(
    write_folder: Writer, tiny_config: dict[str, Any], tiny_tensors: Tensors, head_tensors: Tensors
) -> None:
    del tiny_config["architectures"]
    result = plan(write_folder(config=tiny_config, tensors=tiny_tensors | head_tensors))
    assert result.new == ()
    assert result.notes == (
        "config.json names no architectures: the checkpoint's head is taken for that of BertForSequenceClassification",
    )
    assert plan(write_folder(config=tiny_config, name="body")).notes == ()


def test_a_head_without_its_pooler_is_another_tasks(
    write_folder: Writer, tiny_config: dict[str, Any], tiny_tensors: Tensors, head_tensors: Tensors
) -> None:
    del tiny_config["architectures"]
    given = {name: value for name, value in tiny_tensors.items() if "pooler" not in name} | head_tensors
    folder = write_folder(config=tiny_config, tensors=given)
    assert refusal(folder) == (
        f"{folder}: the checkpoint's head is that of another task: it lacks tensors 'bert.pooler.dense.weight', "
        "'bert.pooler.dense.bias'; a training draws a new one with model.replace_head: true"
    )
    assert set(plan(folder, replace_head=True).new) == {*head_tensors, *(tiny_tensors.keys() - given.keys())}
