"""What write_model writes beside the weights, what it refuses, and that a folder is whole or absent."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, plan_model
from ftcore.runs.description import describe
from ftcore.tasks import TASKS
from tests.results import read_result, write_result

TASK = TASKS["text-classification"]
LABELS = ["down", "same", "up"]
Writer = Callable[..., Path]


@pytest.fixture
def plan(write_folder: Writer) -> ModelPlan:
    return plan_model(AnyModelSpec(pretrained=str(write_folder())), SequenceHead(3), 0, Path())


def test_ftcore_json_says_what_the_head_is_for(plan: ModelPlan, tmp_path: Path) -> None:
    given = {"max_length": 16, "columns": {"text": "sentence"}, "precision": "float32", "pooling": "wrong"}
    write_result(tmp_path / "model", plan, plan.tensors, LABELS, TASK, None, given)
    assert describe(tmp_path / "model") == {
        "max_length": 16,
        "columns": {"text": "sentence"},
        "precision": "float32",
        "task": "text-classification",
        "labels": LABELS,
        "head": "sequence",
        "outputs": 3,
        "pooling": "pooler",
        "normalize": False,
        "pair": "joint",
    }


def test_tokenizer_files_are_copied(plan: ModelPlan, tmp_path: Path) -> None:
    write_result(tmp_path / "model", plan, plan.tensors, LABELS, TASK, None, {"max_length": 16})
    first, second = tmp_path / "tiny", tmp_path / "model"
    assert (second / "tokenizer.json").read_bytes() == (first / "tokenizer.json").read_bytes()
    given, written = (json.loads((folder / "tokenizer_config.json").read_text()) for folder in (first, second))
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    assert written == given | {"padding_side": "right", "model_input_names": inputs}


def test_stale_fields_of_the_config_are_left_out(
    write_folder: Writer, tiny_config: dict[str, Any], tmp_path: Path
) -> None:
    stale = {"_name_or_path": "x", "torch_dtype": "float16", "transformers_version": "4.0", "num_labels": 9}
    del tiny_config["pad_token_id"]
    folder = write_folder(config=tiny_config | stale | {"use_cache": True})
    plan = plan_model(AnyModelSpec(pretrained=str(folder)), SequenceHead(3), 0, Path())
    write_result(tmp_path / "model", plan, plan.tensors, LABELS, TASK, None, {"max_length": 16})
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    assert not set(stale) & set(config)
    assert (config["use_cache"], config["dtype"], config["pad_token_id"]) == (True, "float32", 0)


def test_a_transposed_view_is_written_right(plan: ModelPlan, tmp_path: Path) -> None:
    tensors = {name: np.asfortranarray(value) for name, value in plan.tensors.items()}
    write_result(tmp_path / "model", plan, tensors, LABELS, TASK, None, {"max_length": 16})
    written = load_file(tmp_path / "model" / "model.safetensors")
    for name, value in plan.tensors.items():
        np.testing.assert_array_equal(written[name], value, strict=True)


def test_a_value_that_overflows_is_refused_and_nothing_is_written(plan: ModelPlan, tmp_path: Path) -> None:
    tensors = plan.tensors | {"classifier.bias": np.array([0.0, 7e4, 0.0], np.float32)}
    with pytest.raises(ModelError, match=r"'classifier\.bias' has the value 7e\+04, too large for float16"):
        write_result(tmp_path / "model", plan, tensors, LABELS, TASK, "float16", {"max_length": 16})
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("change", [{"classifier.extra": np.zeros(1, np.float32)}, None])
def test_tensors_must_be_the_networks_own(
    change: dict[str, np.ndarray] | None, plan: ModelPlan, tmp_path: Path
) -> None:
    tensors = dict(plan.tensors) | (change or {})
    if change is None:
        del tensors["classifier.bias"]
    with pytest.raises(ModelError, match=r"missing or unknown tensors in the result: classifier\.(extra|bias)"):
        write_result(tmp_path / "model", plan, tensors, LABELS, TASK, None, {"max_length": 16})


def test_a_former_result_is_replaced_as_a_whole(plan: ModelPlan, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "former.txt").write_text("old")
    write_result(tmp_path / "model", plan, plan.tensors, LABELS, TASK, None, {"max_length": 16})
    assert not (tmp_path / "model" / "former.txt").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "tiny"]


def test_a_failure_leaves_the_former_result(plan: ModelPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_result(tmp_path / "model", plan, plan.tensors, LABELS, TASK, None, {"max_length": 16})
    former = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    unwritable = {"max_length": 16, "unwritable": object()}
    with pytest.raises(TypeError):
        write_result(tmp_path / "model", plan, plan.tensors, LABELS, TASK, None, unwritable)
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == former
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "tiny"]


def test_the_run_folder_is_read_as_its_model(plan: ModelPlan, tmp_path: Path) -> None:
    write_result(tmp_path / "run" / "model", plan, plan.tensors, LABELS, TASK, None, {"max_length": 16})
    (tmp_path / "run" / "spec.yaml").write_text("task: text-classification\n")
    assert read_result(tmp_path / "run").source == tmp_path / "run" / "model"


def test_a_model_without_a_head_is_refused(write_folder: Writer) -> None:
    with pytest.raises(ModelError, match=r"no trained head for a task \(architectures: BertModel.*fine-tune it first"):
        read_result(write_folder())


def test_a_head_that_was_deleted_is_refused(write_folder: Writer, tmp_path: Path) -> None:
    plan = plan_model(AnyModelSpec(pretrained=str(write_folder()), pooling="mean"), SequenceHead(3), 0, Path())
    write_result(tmp_path / "model", plan, plan.tensors, LABELS, TASK, None, {"max_length": 16})
    (tmp_path / "model" / "head.safetensors").unlink()
    with pytest.raises(ModelError, match=r"no trained head: classifier\.weight, classifier\.bias are not in its files"):
        read_result(tmp_path / "model")


def test_fine_tuning_goes_on_from_a_result(write_folder: Writer, tmp_path: Path) -> None:
    first = plan_model(AnyModelSpec(pretrained=str(write_folder()), pooling="mean"), SequenceHead(3), 0, Path())
    write_result(tmp_path / "model", first, first.tensors, LABELS, TASK, None, {"max_length": 16})
    chained = plan_model(AnyModelSpec(pretrained="model"), SequenceHead(3), 1, tmp_path)
    assert (chained.new, chained.labels, chained.network.head.pooling) == ((), LABELS, "mean")
    np.testing.assert_array_equal(chained.tensors["classifier.weight"], first.tensors["classifier.weight"])
    other = plan_model(AnyModelSpec(pretrained="model", replace_head=True), SequenceHead(5), 1, tmp_path)
    assert other.new == ("classifier.weight", "classifier.bias")
    with pytest.raises(ModelError, match=r"trained with pooling mean, not cls.*replace_head"):
        plan_model(AnyModelSpec(pretrained="model", pooling="cls"), SequenceHead(3), 1, tmp_path)
    with pytest.raises(ModelError, match=r"trained with normalize false, not true.*replace_head"):
        plan_model(AnyModelSpec(pretrained="model", normalize=True), SequenceHead(3), 1, tmp_path)
