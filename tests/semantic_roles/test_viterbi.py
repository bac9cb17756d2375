"""The best valid tags against every sequence there is."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcore.data.words import WordValues
from ftcore.targets.viterbi import SLOTS, best_tags

LABELS = ("O", "B-A", "I-A", "B-B", "I-B")
TAG_SETS = (LABELS, ("I-A", "B-B", "O", "I-B"), ("B-A", "I-A"), ("O", "I-A", "B-B"))


def is_valid(tags: list[str]) -> bool:
    return all(
        not tag.startswith("I-") or before in (f"B-{tag[2:]}", tag) for before, tag in itertools.pairwise(["O", *tags])
    )


def best(logits: np.ndarray, labels: tuple[str, ...]) -> float:
    """Return the highest sum of any valid sequence; a word of nan is outside and counts nothing."""
    unread = np.isnan(logits).any(axis=1)
    choices = [[-1] if cut else range(len(labels)) for cut in unread]
    sums = [
        sum(logits[place, code] for place, code in enumerate(codes) if code >= 0)
        for codes in itertools.product(*choices)
        if is_valid(["O" if code < 0 else labels[code] for code in codes])
    ]
    return max(sums)


@st.composite
def questions(draw: st.DrawFn) -> tuple[tuple[str, ...], WordValues]:
    labels = draw(st.sampled_from(TAG_SETS))
    counts = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    logits = generator.standard_normal((sum(counts), len(labels))) * draw(st.sampled_from([0.5, 5.0]))
    logits[generator.random(sum(counts)) < 0.15] = np.nan
    return labels, WordValues(logits, np.array(counts))


@settings(max_examples=120, deadline=None)
@given(questions())
def test_no_valid_sequence_is_better(question: tuple[tuple[str, ...], WordValues]) -> None:
    labels, logits = question
    found = WordValues(best_tags(logits, labels), logits.counts).sentences()
    for sentence, codes in zip(logits.sentences(), found, strict=True):
        unread = np.isnan(sentence).any(axis=1)
        np.testing.assert_array_equal(codes == -1, unread)
        assert is_valid(["O" if code < 0 else labels[code] for code in codes])
        score = sum(sentence[place, code] for place, code in enumerate(codes) if code >= 0)
        assert score == pytest.approx(best(sentence, labels))


def test_a_sentence_beside_others_gets_what_it_gets_alone() -> None:
    generator = np.random.default_rng(0)
    labels = ("O", *(f"{start}-R{role}" for role in range(60) for start in "BI"))
    counts = generator.integers(1, 90, 300)
    logits = WordValues(generator.standard_normal((int(counts.sum()), len(labels))).astype(np.float32), counts)
    # More than one group of sentences.
    assert counts.sum() * len(labels) > SLOTS
    together = WordValues(best_tags(logits, labels), counts).sentences()
    for place in (0, 57, 299, int(counts.argmax()), int(counts.argmin())):
        alone = best_tags(WordValues(logits.sentences()[place], counts[place : place + 1]), labels)
        np.testing.assert_array_equal(together[place], alone)
        assert is_valid([labels[code] for code in alone])


def test_the_most_probable_tags_are_not_always_valid_and_then_the_whole_decides() -> None:
    logits = np.array([[1.0, 0.9, 5.0], [0.0, 0.0, 4.0]])
    assert best_tags(WordValues(logits, np.array([2])), ("O", "B-A", "I-A")).tolist() == [1, 2]
    assert best_tags(WordValues(logits, np.array([1, 1])), ("O", "B-A", "I-A")).tolist() == [0, 0]
