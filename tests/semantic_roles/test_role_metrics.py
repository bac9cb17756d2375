"""Arguments are counted by hand, by seqeval, and read back."""

import json
from typing import Any

import numpy as np
import pytest
from seqeval.metrics import classification_report

from ftcore.contract.losses import CrossEntropy
from ftcore.data import WordValues
from ftcore.inputs import Preparer
from ftcore.targets import Known
from ftcore.tasks import TASKS

TASK: Any = TASKS["semantic-role-labeling"]
LABELS = ("B-ARG0", "B-ARG1", "B-ARGM-TMP", "B-C-V", "B-V", "I-ARG0", "I-ARG1", "I-ARGM-TMP", "I-V", "O")


def said(tags: list[list[str | None]]) -> WordValues:
    """Return logits that are highest at these tags; None is a word that is not read."""
    flat = [tag for sentence in tags for tag in sentence]
    logits = np.array([[np.nan if tag is None else 9.0 * (tag == label) for label in LABELS] for tag in flat])
    return WordValues(logits, np.array([len(sentence) for sentence in tags]))


def wanted(tags: list[list[str]]) -> WordValues:
    flat = [LABELS.index(tag) for sentence in tags for tag in sentence]
    return WordValues(np.array(flat, np.int32), np.array([len(sentence) for sentence in tags]), LABELS)


GOLD = [["B-ARG0", "I-ARG0", "B-V", "B-ARG1", "O"], ["B-V", "I-V", "B-ARGM-TMP", "I-ARGM-TMP"], ["B-ARG1", "B-V"]]
FOUND: list[list[str | None]] = [
    ["B-ARG0", "I-ARG0", "B-V", "B-ARG1", "I-ARG1"],
    ["O", "O", "B-ARGM-TMP", "I-ARGM-TMP"],
    ["B-ARG0", "B-V"],
]


def test_arguments_are_right_as_a_whole_and_the_predicate_is_none() -> None:
    # Four arguments wanted, four found, two of them right; the predicate that is missed in the second costs nothing.
    assert TASK.target.metrics(said(FOUND), wanted(GOLD)) == {"span_f1": 0.5, "span_precision": 0.5, "span_recall": 0.5}
    assert set(TASK.target.modes) == {"loss", *TASK.target.metrics(said(FOUND), wanted(GOLD))}


def test_every_role_has_its_own() -> None:
    found = TASK.target.detailed_metrics(said(FOUND), wanted(GOLD))
    assert {name: found[name] for name in ("span_f1", "span_precision", "span_recall")} == TASK.target.metrics(
        said(FOUND), wanted(GOLD)
    )
    assert [found[f"{name}/ARG0"] for name in ("precision", "recall", "f1", "spans")] == [0.5, 1.0, 2 / 3, 1]
    assert [found[f"{name}/ARG1"] for name in ("precision", "recall", "f1", "spans")] == [0.0, 0.0, 0.0, 2]
    assert found["f1/ARGM-TMP"] == 1.0
    assert len(found) == 3 + 3 * 4


@pytest.mark.parametrize("seed", range(3))
def test_numbers_are_those_of_seqeval_without_the_predicate(seed: int) -> None:
    generator = np.random.default_rng(seed)
    counts = generator.integers(1, 9, 40)
    logits = WordValues(generator.standard_normal((int(counts.sum()), len(LABELS))), counts)
    codes = generator.integers(0, len(LABELS), int(counts.sum())).astype(np.int32)
    # Gold tags of real spans: those that a decoder would give.
    tags = [row["tags"] for row in TASK.target.predictions(WordValues(np.eye(len(LABELS))[codes] * 3, counts), LABELS)]
    given = [row["tags"] for row in TASK.target.predictions(logits, LABELS)]
    report = classification_report(
        *([["O" if tag[2:] in ("V", "C-V") else tag for tag in one] for one in rows] for rows in (tags, given)),
        output_dict=True,
        zero_division=0,
    )
    found = TASK.target.detailed_metrics(logits, wanted(tags))
    assert found["span_f1"] == pytest.approx(report["micro avg"]["f1-score"])
    roles = {name.partition("/")[2] for name in found} - {""}
    assert roles == {"ARG0", "ARG1", "ARGM-TMP"}
    for role in roles:
        assert found[f"f1/{role}"] == pytest.approx(report[role]["f1-score"])
        assert found[f"precision/{role}"] == pytest.approx(report[role]["precision"])
        assert found[f"spans/{role}"] == report[role]["support"]


def test_words_that_are_not_read_are_outside() -> None:
    cut: list[list[str | None]] = [["B-ARG0", None, None, None, None], [None] * 4, ["B-ARG1", "B-V"]]
    assert TASK.target.metrics(said(cut), wanted(GOLD)) == {
        "span_f1": pytest.approx(1 / 3),
        "span_precision": 0.5,
        "span_recall": 0.25,
    }
    assert TASK.target.predictions(said(cut), LABELS)[1] == {"arguments": [], "tags": ["O"] * 4}


def test_predictions_name_the_predicate_and_its_arguments() -> None:
    words = ["Two", "men", "moved", "it", "again"]
    objective = TASK.target.objective(Known(LABELS, CrossEntropy(), Preparer()))
    (first,) = TASK.target.predictions(said([["B-ARG0", "I-ARG0", "B-V", "B-ARG1", "B-ARGM-TMP"]]), LABELS)
    row = objective.beside({"tokens": words, "predicate_index": 2}, first)
    assert row == {
        "tokens": words,
        "predicate": "moved",
        "predicate_index": 2,
        "arguments": [
            {"role": "ARG0", "text": "Two men", "start": 0, "end": 2},
            {"role": "ARG1", "text": "it", "start": 3, "end": 4},
            {"role": "ARGM-TMP", "text": "again", "start": 4, "end": 5},
        ],
        "tags": ["B-ARG0", "I-ARG0", "B-V", "B-ARG1", "B-ARGM-TMP"],
    }
    assert json.loads(json.dumps(row)) == row
