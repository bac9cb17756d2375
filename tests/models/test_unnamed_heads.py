"""A head whose outputs have no names is not given the labels of the data in the order of the alphabet, unasked."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
import yaml

from ftcore.errors import FtcoreError, ModelError, SpecError
from ftcore.observer import Silent
from ftcore.runs import bind
from ftcore.runs.description import describe
from ftcore.spec import load_spec
from tests.tiny import VOCABULARY, write_rows, write_tokenizer


class Heard(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def write(folder: Path, kind: str = "SequenceClassification", **config: Any) -> Path:
    """Write a classifier of three outputs by transformers, data with three named labels, and a spec."""
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    torch.manual_seed(0)
    made = transformers.BertConfig(vocab_size=len(VOCABULARY), num_labels=3, max_position_embeddings=32, **sizes)
    getattr(transformers, f"BertFor{kind}")(made).save_pretrained(folder / "model")
    path = folder / "model" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **config}))
    write_tokenizer(folder / "model")
    write_rows(folder / "train.jsonl", 30)
    spec = {"task": "text-classification", "model": {"pretrained": "model"}}
    spec["data"] = {"train": "train.jsonl", "max_length": 16}
    (folder / "task.yaml").write_text(yaml.safe_dump(spec))
    return folder / "task.yaml"


def bound_notes(path: Path, *overrides: str) -> list[str]:
    heard = Heard()
    bind(load_spec(path, overrides), path.parent, heard)
    return [note for note in heard.notes if "head" in note]


def test_labels_with_names_of_their_own_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    with pytest.raises(
        ModelError, match=r"3 outputs without names .* colour, size, thing: give data.labels .*replace_head"
    ):
        bound_notes(path)
    kept = "the checkpoint's head is kept; its outputs, which have no names, are read as thing, colour, size"
    assert bound_notes(path, "data.labels=[thing, colour, size]") == [kept]
    assert bound_notes(path, "model.replace_head=true") == []


def test_numbers_are_the_outputs_of_that_number(tmp_path: Path) -> None:
    path = write(tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "train.jsonl").read_text().splitlines()]
    numbers = {"colour": 2, "size": 0, "thing": 1}
    lines = [json.dumps({**row, "label": numbers[row["label"]]}) + "\n" for row in rows]
    (tmp_path / "train.jsonl").write_text("".join(lines))
    assert bound_notes(path) == ["the checkpoint's head is kept; its outputs, which have no names, are read as 0, 1, 2"]


def test_a_head_of_tags_without_names_is_refused_too(tmp_path: Path) -> None:
    path = write(tmp_path, "TokenClassification")
    (tmp_path / "train.conll").write_text("red\tB-X\ndog\tI-X\n\nbig\tO\n")
    overrides = ("task=token-classification", "data.train=train.conll")
    with pytest.raises(ModelError, match=r"3 outputs without names .* B-X, I-X, O: give data.labels"):
        bound_notes(path, *overrides)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"0": "a", "2": "b", "5": "c"}, "but the ids are 0, 2, 5"),
        ({"1": "a", "2": "b", "3": "c"}, "but the ids are 1, 2, 3"),
        ({"0": "a", "1": None, "2": "c"}, "but 1 is None"),
    ],
)
def test_names_with_gaps_are_refused(names: dict[str, str | None], found: str, tmp_path: Path) -> None:
    path = write(tmp_path, id2label=names)
    message = f"config.json: id2label must name each of its 3 outputs, from 0 to 2, {found}"
    with pytest.raises(ModelError, match=message):
        bound_notes(path)
    with pytest.raises(ModelError, match=message):
        describe(tmp_path / "model")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("[0, 0, 0]", r"loss.class_weights: every label of train has the weight 0 \(colour: 0, size: 0, thing: 0\)"),
        ("{colour: 0, size: 0, thing: 0}", "loss.class_weights: every label of train has the weight 0"),
        (
            "{color: 2}",
            r"loss.class_weights: unknown label 'color' \(did you mean colour\?\); known: colour, size",
        ),
    ],
)
def test_weights_of_classes_that_teach_nothing(weights: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path)
    with pytest.raises(SpecError, match=message):
        bound_notes(path, "model.replace_head=true", f"loss={{name: cross-entropy, class_weights: {weights}}}")


def test_a_class_that_no_row_has_cannot_be_the_only_one_with_a_weight(tmp_path: Path) -> None:
    path = write(tmp_path)
    overrides = ("model.replace_head=true", "data.labels=[colour, size, thing, other]")
    with pytest.raises(FtcoreError, match="every label of train has the weight 0"):
        bound_notes(path, *overrides, "loss={name: cross-entropy, class_weights: [0, 0, 0, 1]}")
