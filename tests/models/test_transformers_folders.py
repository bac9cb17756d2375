"""Folders that transformers writes are read, and folders that ftcore writes load in transformers: same numbers."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from safetensors.numpy import load_file

from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, plan_model
from ftcore.runs.description import describe
from ftcore.tasks import TASKS
from tests.results import read_result, write_result

LABELS = {
    "text-classification": ["down", "same", "up"],
    "multi-label-classification": ["down", "same", "up"],
    "text-regression": [],
}
IDS = [[2, 5, 6, 7, 3, 0, 0], [2, 8, 3, 9, 10, 4, 3]]
INPUTS = {
    "input_ids": IDS,
    "attention_mask": [[1] * 5 + [0] * 2, [1] * 7],
    "token_type_ids": [[0] * 7, [0] * 3 + [1] * 4],
}
Writer = Callable[..., Path]


def plan(folder: Path, outputs: int = 3, pair: str = "joint", **fields: Any) -> ModelPlan:
    return plan_model(AnyModelSpec(pretrained=str(folder), **fields), SequenceHead(outputs, pair), 0, Path())


def write(plan: ModelPlan, folder: Path, task: str, dtype: str | None = None, **fields: Any) -> list[str]:
    described = {"max_length": 16, "columns": {"text": "sentence"}, **fields}
    return write_result(folder, plan, plan.tensors, LABELS[task], TASKS[task], dtype, described)


def load(kind: Any, folder: Path, **options: Any) -> tuple[Any, Mapping[str, Any]]:
    model, information = kind.from_pretrained(folder, output_loading_info=True, local_files_only=True, **options)
    return model.eval(), information


def problems(information: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what transformers found wrong: nothing, where a folder is whole."""
    found = {
        name: sorted(map(str, information[name])) for name in ("missing_keys", "unexpected_keys", "mismatched_keys")
    }
    return {name: keys for name, keys in found.items() if keys}


def run(model: Any) -> Any:
    with torch.no_grad():
        return model(**{name: torch.tensor(values) for name, values in INPUTS.items()})


@pytest.mark.parametrize("task", sorted(LABELS))
def test_a_written_classifier_loads_whole(task: str, write_folder: Writer, tmp_path: Path) -> None:
    result = plan(write_folder(), outputs=TASKS[task].target.head(LABELS[task], "joint").outputs, dropout=0.0)
    assert write(result, tmp_path / "model", task) == []
    model, information = load(transformers.AutoModelForSequenceClassification, tmp_path / "model")
    assert problems(information) == {}
    assert type(model).__name__ == "BertForSequenceClassification"
    names = LABELS[task] or ["LABEL_0"]
    config = model.config
    assert config.problem_type == TASKS[task].target.problem_type
    assert (config.id2label, config.label2id) == (dict(enumerate(names)), {name: i for i, name in enumerate(names)})
    assert (config.num_labels, config.pad_token_id, config.dtype) == (len(names), 0, torch.float32)
    assert (config.hidden_dropout_prob, config.attention_probs_dropout_prob, config.classifier_dropout) == (0, 0, 0)
    state = model.state_dict()
    assert set(state) == set(result.tensors)
    for name, value in result.tensors.items():
        np.testing.assert_array_equal(state[name].numpy(), value, strict=True)


def test_the_written_files_are_those_of_transformers(write_folder: Writer, tmp_path: Path) -> None:
    write(plan(write_folder()), tmp_path / "model", "text-classification")
    model, _ = load(transformers.AutoModelForSequenceClassification, tmp_path / "model")
    model.save_pretrained(tmp_path / "again")
    ours, theirs = (load_file(tmp_path / name / "model.safetensors") for name in ("model", "again"))
    assert {name: (value.shape, value.dtype) for name, value in ours.items()} == {
        name: (value.shape, value.dtype) for name, value in theirs.items()
    }
    configs = [json.loads((tmp_path / name / "config.json").read_text()) for name in ("model", "again")]
    written = {name: value for name, value in configs[1].items() if name != "transformers_version"}
    assert {name: configs[0].get(name, value) for name, value in written.items()} == written
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    assert tokenizer("w1 w2 nothing")["input_ids"] == [2, 5, 6, 1, 3]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_weights_are_written_as_asked(dtype: str, write_folder: Writer, tmp_path: Path) -> None:
    result = plan(write_folder())
    notes = write(result, tmp_path / "model", "text-classification", dtype)
    assert [dtype in note for note in notes] == ([] if dtype == "float64" else [True])
    model, information = load(transformers.AutoModelForSequenceClassification, tmp_path / "model", dtype="auto")
    assert problems(information) == {}
    assert model.dtype == getattr(torch, dtype)
    name = "bert.pooler.dense.weight"
    expected = torch.from_numpy(result.tensors[name]).to(getattr(torch, dtype))
    assert torch.equal(model.state_dict()[name], expected)


def test_weights_are_written_in_the_checkpoints_own_type(
    write_folder: Writer, tiny_tensors: dict[str, np.ndarray], tmp_path: Path
) -> None:
    result = plan(write_folder(tensors={name: value.astype(np.float16) for name, value in tiny_tensors.items()}))
    trained = {name: value.astype(np.float32) for name, value in result.tensors.items()}
    task = "text-classification"
    notes = write_result(tmp_path / "model", result, trained, LABELS[task], TASKS[task], None, {"max_length": 16})
    assert notes == [
        "the weights were trained in float32 and written in float16; output.dtype: float32 keeps every digit"
    ]
    model, _ = load(transformers.AutoModelForSequenceClassification, tmp_path / "model")
    assert {value.dtype for value in model.state_dict().values()} == {torch.float16}


@pytest.mark.parametrize(
    "kind",
    [
        "BertModel",
        "BertForMaskedLM",
        "BertForPreTraining",
        "BertForNextSentencePrediction",
        "BertForQuestionAnswering",
        "BertForSequenceClassification",
    ],
)
def test_every_bert_of_transformers_is_read(kind: str, write_folder: Writer, tmp_path: Path) -> None:
    config = transformers.BertConfig.from_pretrained(write_folder(), num_labels=3)
    torch.manual_seed(3)
    original = getattr(transformers, kind)(config).eval()
    original.save_pretrained(tmp_path / "saved")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "saved" / name).write_bytes((tmp_path / "tiny" / name).read_bytes())
    result = plan(tmp_path / "saved")
    stored = original.state_dict()
    for name, value in result.tensors.items():
        if name not in result.new:
            found = stored[name] if name in stored else stored[name.removeprefix("bert.")]
            np.testing.assert_array_equal(value, found.numpy(), strict=True)
    has_pooler = kind not in ("BertForMaskedLM", "BertForQuestionAnswering")
    assert any("pooler" in name for name in result.new) != has_pooler
    assert ("classifier.weight" in result.new) == (kind != "BertForSequenceClassification")


def test_sharded_by_transformers(write_folder: Writer, tmp_path: Path) -> None:
    model, _ = load(transformers.AutoModel, write_folder())
    model.save_pretrained(tmp_path / "sharded", max_shard_size="2KB")
    assert len(list((tmp_path / "sharded").glob("model-*.safetensors"))) > 2
    (tmp_path / "sharded" / "tokenizer.json").write_bytes((tmp_path / "tiny" / "tokenizer.json").read_bytes())
    sharded, whole = plan(tmp_path / "sharded"), plan(tmp_path / "tiny")
    for name, value in whole.tensors.items():
        np.testing.assert_array_equal(sharded.tensors[name], value, strict=True)


def check_round_trip(first: ModelPlan, folder: Path) -> None:
    again = read_result(folder)
    assert (again.network.parameters, again.network.head) == (first.network.parameters, first.network.head)
    assert again.new == ()
    for name, value in first.tensors.items():
        np.testing.assert_array_equal(again.tensors[name], value, strict=True)


@pytest.mark.parametrize(
    ("pooling", "normalize", "pair"),
    [
        ("mean", False, "joint"),
        ("cls", True, "separate"),
        ("pooler", False, "separate"),
        ("pooler", True, "joint"),
    ],
)
def test_another_head_lies_beside_a_plain_model(
    pooling: str, normalize: bool, pair: str, write_folder: Writer, tmp_path: Path
) -> None:
    first = plan(write_folder(), pooling=pooling, normalize=normalize, pair=pair)
    columns = {"text": "sentence"} if pair == "joint" else {"text_a": "one", "text_b": "other"}
    (note,) = write(first, tmp_path / "model", "text-classification", columns=columns)
    assert "head.safetensors" in note
    assert pooling in note
    assert ("normalized" in note) == normalize
    model, information = load(transformers.AutoModel, tmp_path / "model", add_pooling_layer=pooling == "pooler")
    assert problems(information) == {}
    assert type(model).__name__ == "BertModel"
    _, information = load(transformers.AutoModel, tmp_path / "model")
    assert all("pooler" in name for keys in problems(information).values() for name in keys)
    original, _ = load(transformers.AutoModel, tmp_path / "tiny")
    torch.testing.assert_close(run(model).last_hidden_state, run(original).last_hidden_state, rtol=0, atol=0)
    head = load_file(tmp_path / "model" / "head.safetensors")
    assert {name: value.shape for name, value in head.items()} == {
        "classifier.weight": (3, 8 if pair == "joint" else 32),
        "classifier.bias": (3,),
    }
    check_round_trip(first, tmp_path / "model")


def test_an_ordinary_folder_is_read_back(write_folder: Writer, tmp_path: Path) -> None:
    first = plan(write_folder())
    write(first, tmp_path / "model", "text-classification")
    check_round_trip(first, tmp_path / "model")
    assert read_result(tmp_path / "model").labels == LABELS["text-classification"]


def test_a_classifier_of_transformers_is_read_as_it_is(write_folder: Writer, tmp_path: Path) -> None:
    write(plan(write_folder()), tmp_path / "model", "multi-label-classification")
    (tmp_path / "model" / "ftcore.json").unlink()
    described = describe(tmp_path / "model")
    assert (described["task"], described["labels"]) == ("multi-label-classification", ["down", "same", "up"])
    assert (described["outputs"], described["max_length"]) == (3, 16)
    assert read_result(tmp_path / "model").new == ()
