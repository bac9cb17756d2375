"""Kinds of heads: what ftcore.json says of them, results of earlier versions, and a new kind in one class."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from ftcore.contract.network import Architecture, TokenHead
from ftcore.errors import ModelError
from ftcore.models import (
    AnyModelSpec,
    Family,
    HeadKind,
    ModelSpec,
    SequenceHead,
    TokenClassifierHead,
    VectorHead,
    plan_model,
    read_family,
    read_model,
    read_raw_description,
    write_model,
)
from ftcore.models.families import heads
from ftcore.models.heads.base import Described
from ftcore.models.heads.task_head import TaskHead
from ftcore.text import copy_tokenizer
from tests import tiny

Writer = Callable[..., Path]


def write(folder: Path, source: Path, head: HeadKind, **model: Any) -> dict[str, Any]:
    """Write a result whose head is drawn; return its ftcore.json."""
    plan = plan_model(AnyModelSpec(pretrained=str(source), **model), head, 0, Path())
    write_model(folder, plan, plan.tensors, head, None, {}, [], "", partial(copy_tokenizer, source))
    return read_raw_description(folder) or {}


@pytest.mark.parametrize(
    ("head", "facts"),
    [
        (SequenceHead(3), {"head": "sequence", "outputs": 3, "pooling": "pooler", "normalize": False, "pair": "joint"}),
        (
            SequenceHead(1, "separate"),
            {"head": "sequence", "outputs": 1, "pooling": "pooler", "normalize": False, "pair": "separate"},
        ),
        (TokenClassifierHead(4), {"head": "token", "outputs": 4, "pair": "joint"}),
        (VectorHead(), {"head": "vector", "outputs": 0, "pooling": "mean", "normalize": False, "pair": "separate"}),
    ],
)
def test_ftcore_json_says_what_a_head_is(
    head: HeadKind, facts: dict[str, Any], write_folder: Writer, tmp_path: Path
) -> None:
    assert write(tmp_path / "result", write_folder(), head) == facts
    assert read_model(tmp_path / "result", head).network.head.outputs == facts["outputs"]


def test_a_spec_needs_no_fields_of_other_tasks(write_folder: Writer) -> None:
    spec = ModelSpec(pretrained=str(write_folder()), dropout=0.0)
    assert plan_model(spec, TokenClassifierHead(2), 0, Path()).network.head.outputs == 2
    assert plan_model(spec, SequenceHead(2), 0, Path()).network.head.pooling == "pooler"
    with pytest.raises(ValueError, match=r"give pretrained \(a folder, .*\) or from_scratch "):
        ModelSpec.model_validate({})


def without_head(folder: Path) -> dict[str, Any]:
    """Take out of ftcore.json what earlier versions did not write; return what it said."""
    path = folder / "ftcore.json"
    said = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in said.items() if name != "head"}))
    return dict(said)


def test_a_description_says_which_head_an_earlier_version_wrote(write_folder: Writer, tmp_path: Path) -> None:
    """A head beside the plain model is of no class of transformers, so that config.json alone tells of none."""
    head, folder = SequenceHead(3), tmp_path / "result"
    write(folder, write_folder(), head, pooling="mean")
    spec = AnyModelSpec(pretrained=str(folder))
    kept = plan_model(spec, head, 0, Path())
    said = without_head(folder)
    assert plan_model(spec, head, 0, Path(), description=said).network == kept.network
    with pytest.raises(ModelError, match=r"is that of BertModel, not of BertForSequenceClassification.*replace_head"):
        plan_model(spec, head, 0, Path())
    with pytest.raises(ModelError, match=r"is of the kind token, not sequence.*replace_head"):
        plan_model(spec, head, 0, Path(), description={**said, "head": "token"})


def test_without_a_description_the_class_says_which_head_it_is(write_folder: Writer, tmp_path: Path) -> None:
    write(tmp_path / "result", write_folder(), TokenClassifierHead(3))
    without_head(tmp_path / "result")
    spec = AnyModelSpec(pretrained=str(tmp_path / "result"))
    assert plan_model(spec, TokenClassifierHead(3), 0, Path()).new == ()
    with pytest.raises(ModelError, match=r"is that of BertForTokenClassification, not of BertForSequence"):
        plan_model(spec, SequenceHead(3), 0, Path())


@dataclass(frozen=True)
class StartAndEnd(TaskHead):
    """Two logits a token: where an answer starts and ends."""

    name: ClassVar[str] = "start-and-end"

    @property
    def outputs(self) -> int:
        return 2

    def family(self, folder: Path, config: Mapping[str, Any]) -> Family:
        return read_family(folder, config)

    def head(self, described: Described) -> TokenHead:
        return self.any_head(described.architecture)

    def any_head(self, architecture: Architecture) -> TokenHead:
        return heads.token_classifier(architecture, 2, classifier="qa_outputs", dropout=0.0)

    def transformers_class(self, family: str) -> str:
        return {"bert": "BertForQuestionAnswering"}[family]


def test_a_new_kind_of_head_is_one_class(tmp_path: Path) -> None:
    """It plans, keeps the head of transformers' own folder, and writes one that transformers loads whole."""
    import torch
    import transformers

    tiny.write_model(tmp_path / "body")
    model = transformers.BertForQuestionAnswering.from_pretrained(tmp_path / "body")
    torch.nn.init.normal_(model.qa_outputs.weight)
    model.save_pretrained(tmp_path / "theirs")
    tiny.write_tokenizer(tmp_path / "theirs")
    assert write(tmp_path / "ours", tmp_path / "theirs", StartAndEnd()) == {
        "head": "start-and-end",
        "outputs": 2,
        "pair": "joint",
    }
    plan = read_model(tmp_path / "ours", StartAndEnd())
    np.testing.assert_array_equal(plan.tensors["qa_outputs.weight"], model.qa_outputs.weight.detach().numpy())
    _, told = transformers.AutoModelForQuestionAnswering.from_pretrained(tmp_path / "ours", output_loading_info=True)
    assert not any(told[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert plan_model(ModelSpec(pretrained=str(tmp_path / "body")), StartAndEnd(), 0, Path()).new == (
        "qa_outputs.weight",
        "qa_outputs.bias",
    )
