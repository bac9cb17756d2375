"""Accuracy and spans over words, and how predictions read."""

from types import SimpleNamespace

import numpy as np
import pytest

from ftcore.contract.losses import CrossEntropy
from ftcore.data.words import WordValues
from ftcore.targets import Known
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


Span = tuple[str, int, int]
"""A type, the first word, and the word after the last."""
PREFIXES = {"BIO": "BIIB", "BIOES": "BIES", "BILOU": "BILU", "BMES": "BMES", "BMEWO": "BMEW"}
"""The prefixes of a first, a middle, a last and a single word."""


def tags_of(spans: list[Span], words: int, scheme: str) -> list[str]:
    """Return the tags of spans that do not overlap, in order."""
    tags = ["O"] * words
    for place, (kind, first, end) in enumerate(spans):
        if scheme == "IOB1":
            follows = place > 0 and spans[place - 1][0] == kind and spans[place - 1][2] == first
            tags[first:end] = [f"{'B' if follows else 'I'}-{kind}", *[f"I-{kind}"] * (end - first - 1)]
            continue
        begin, inside, last, single = PREFIXES[scheme]
        many = [begin, *[inside] * (end - first - 2), last]
        tags[first:end] = [f"{prefix}-{kind}" for prefix in ([single] if end - first == 1 else many)]
    return tags


def drawn(random: np.random.Generator, words: int) -> list[Span]:
    spans, place = [], int(random.integers(0, 2))
    while place < words:
        end = min(words, place + int(random.integers(1, 4)))
        spans.append((str(random.choice(["PER", "LOC-A"])), place, end))
        place = end + int(random.integers(0, 2))
    return spans


@pytest.mark.parametrize("scheme", [*PREFIXES, "IOB1"])
def test_spans_of_every_scheme_are_counted_as_by_hand(scheme: str) -> None:
    random, right, found, wanted = np.random.default_rng(0), 0, 0, 0
    sentences: list[tuple[list[str], list[str]]] = []
    for _ in range(40):
        words = int(random.integers(1, 9))
        said, true = drawn(random, words), drawn(random, words)
        said = true if random.random() < 0.3 else said
        right, found, wanted = right + len({*said} & {*true}), found + len(said), wanted + len(true)
        sentences.append((tags_of(said, words, scheme), tags_of(true, words, scheme)))
    labels = tuple(sorted({tag for pair in sentences for tags in pair for tag in tags}))
    assert has_spans(labels)
    codes = [[[labels.index(tag) for tag in pair[side]] for pair in sentences] for side in (0, 1)]
    result = metrics(*codes, labels)
    assert 0 < right < min(found, wanted)
    assert result["span_precision"] == pytest.approx(right / found)
    assert result["span_recall"] == pytest.approx(right / wanted)


@pytest.mark.parametrize(
    ("labels", "note"),
    [
        (["B-X", "I-X", "O"], []),
        (["I-X", "O"], []),
        (["B-X", "I-X", "L-X", "O", "U-X"], ["tags: read as BILOU"]),
        (["B-X", "E-X", "I-X", "O", "S-X"], ["tags: read as BIOES"]),
        (["NOUN", "VERB"], []),
        (
            ["Q-X", "O"],
            ["tags: they are of no scheme of spans (BIO, BIOES, BILOU, BMES, BMEWO), so that metrics of sp"],
        ),
    ],
)
def test_the_scheme_of_tags_is_said(labels: list[str], note: list[str]) -> None:
    data = SimpleNamespace(labels=labels, evaluated={})
    known = Known(labels, CrossEntropy(), None, None, {}, None)  # type: ignore[arg-type]
    said = TASK.target.objective(known).notes(data)  # type: ignore[arg-type]
    assert [text[: len(start)] for text, start in zip(said, note, strict=True)] == note
