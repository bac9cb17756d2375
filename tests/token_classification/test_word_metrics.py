"""Accuracy and spans over words, and how predictions read."""

import numpy as np
import pytest

from ftcore.data.words import WordValues
from ftcore.targets.word_tags import has_spans
from ftcore.tasks import TASKS

TASK = TASKS["token-classification"]
BIO = ("O", "B-PER", "I-PER", "B-LOC")
NOT_READ = -1


def logits(codes: list[int], classes: int = 4) -> np.ndarray:
    """Return logits whose largest is at each code; nan where a word is not read."""
    found = np.eye(classes)[codes] * 3.0
    found[np.array(codes) == NOT_READ] = np.nan
    return found


def metrics(given: list[list[int]], wanted: list[list[int]], labels: tuple[str, ...] = BIO) -> dict[str, float]:
    counts = np.array([len(sentence) for sentence in wanted])
    said = WordValues(logits([code for sentence in given for code in sentence], len(labels)), counts)
    codes = np.array([code for sentence in wanted for code in sentence], dtype=np.int32)
    return TASK.target.metrics(said, WordValues(codes, counts, labels))


def test_spans_are_right_as_a_whole() -> None:
    # Three spans wanted; found are one right one, one too short, one where there is none.
    wanted = [[1, 2, 0, 3], [0, 1, 2]]
    given = [[1, 0, 0, 3], [3, 0, 0]]
    assert metrics(given, wanted) == {
        "accuracy": 3 / 7,
        "span_f1": pytest.approx(1 / 3),
        "span_precision": pytest.approx(1 / 3),
        "span_recall": pytest.approx(1 / 3),
    }


def test_a_span_does_not_go_on_in_the_next_sentence() -> None:
    wanted, given = [[1], [2]], [[1], [2]]
    # An I- begins a span where none goes on.
    assert metrics(given, wanted)["span_recall"] == 1.0
    assert metrics([[1], [0]], wanted)["span_recall"] == 0.5
    assert metrics([[1, 0]], [[1, 2]])["span_recall"] == 0.0


def test_nothing_found_is_zero() -> None:
    found = metrics([[0, 0]], [[1, 2]])
    assert (found["span_precision"], found["span_recall"], found["span_f1"]) == (0.0, 0.0, 0.0)


def test_nothing_to_find_leaves_every_span_metric_undefined() -> None:
    assert metrics([[0, 1]], [[0, 0]]) == {"accuracy": 0.5}
    assert metrics([[0, 0]], [[0, 0]]) == {"accuracy": 1.0}


def test_words_that_are_not_read_are_wrong_and_in_no_span() -> None:
    read, cut = metrics([[1, 2, 0]], [[1, 2, 0]]), metrics([[1, NOT_READ, NOT_READ]], [[1, 2, 0]])
    assert (read["accuracy"], read["span_f1"]) == (1.0, 1.0)
    assert (cut["accuracy"], cut["span_f1"]) == (pytest.approx(1 / 3), 0.0)


def test_other_tags_have_an_accuracy_alone() -> None:
    assert metrics([[0, 1]], [[0, 0]], ("NOUN", "VERB")) == {"accuracy": 0.5}
    assert set(TASK.target.modes) == {"loss", *metrics([[1]], [[1]])}


@pytest.mark.parametrize(
    ("labels", "spans"),
    [(BIO, True), (("B-A", "I-A"), True), (("O",), False), (("O", "B-"), False), (("O", "X"), False), ((), False)],
)
def test_which_tags_have_spans(labels: tuple[str, ...], spans: bool) -> None:
    assert has_spans(labels) == spans


def test_predictions_name_a_tag_for_each_word() -> None:
    values = np.log([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.2, 0.6], [0.25, 0.35, 0.2, 0.2]])
    values[1] = np.nan
    first, second = TASK.target.predictions(WordValues(values, np.array([2, 1])), BIO)
    assert first == {"tags": ["O", None], "scores": [pytest.approx(0.7), None]}
    assert second == {"tags": ["B-PER"], "scores": [pytest.approx(0.35)]}
