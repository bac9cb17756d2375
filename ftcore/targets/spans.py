"""Finds spans of words in BIO tags and computes conlleval's metrics."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from ftcore.data import WordValues

OUTSIDE, BEGIN, INSIDE = "O", "B-", "I-"
"""The tag outside of spans, and the tag prefixes of a span's first word and of its other words."""
PRECISION = "span_precision"
SPAN_METRICS = ("span_f1", PRECISION, "span_recall")
NO_SPANS = "no word is in a span"
NONE_FOUND = "no span is predicted"


def is_bio(tag: str) -> bool:
    """Return whether a tag is O, or a type after B- or I-."""
    return tag == OUTSIDE or (tag[:2] in (BEGIN, INSIDE) and len(tag) > 2)


def has_spans(labels: Sequence[str]) -> bool:
    """Return whether all tags are BIO, and some belong to spans."""
    return any(label != OUTSIDE for label in labels) and all(map(is_bio, labels))


def span_metrics(found: np.ndarray, wanted: WordValues, names: Sequence[str]) -> dict[str, float]:
    """Return the metrics of all spans together, micro-averaged over types; see `_scores`.

    Precision is absent if no span is found; all are if there is none to find.

    Args:
        found: int [words], indices in `names`.
        wanted: int [words], indices in `names`.
        names: the tags.
    """
    if no_spans(wanted.values, names):
        return {}
    precision, recall, f1, _ = _scores(found, wanted, names, "micro")
    scores = dict(zip(SPAN_METRICS, (float(f1), float(precision), float(recall)), strict=True))
    return {name: value for name, value in scores.items() if name != PRECISION or not no_spans(found, names)}


def no_spans(codes: np.ndarray, names: Sequence[str]) -> bool:
    """Return whether all tags, int [words], indices in `names`, are outside of spans."""
    return all(names[code] == OUTSIDE for code in np.unique(codes))


def metrics_by_type(found: np.ndarray, wanted: WordValues, names: Sequence[str]) -> dict[str, float]:
    """Return "f1/TYPE", "precision/TYPE", "recall/TYPE" and "spans/TYPE" (their number in `wanted`) for every type.

    Precision is absent for a type that is not found; recall and F1 are for one that is not in `wanted`.
    For the arguments see `span_metrics`.
    """
    said, true = (_types(codes, names) for codes in (found, wanted.values))
    columns = dict(zip(("precision", "recall", "f1", "spans"), _scores(found, wanted, names, None), strict=True))
    defined = {"f1": true, "precision": said, "recall": true, "spans": said | true}
    return {
        f"{name}/{kind}": float(columns[name][place])
        for place, kind in enumerate(sorted(said | true))
        for name, kinds in defined.items()
        if kind in kinds
    }


def _types(codes: np.ndarray, names: Sequence[str]) -> set[str]:
    """Return the types of spans among tags, int [words], indices in `names`."""
    return {names[code][2:] for code in np.unique(codes)} - {""}


def spans_of(tags: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return each span's type, its first word, and the word after its last, as seqeval reads them."""
    from seqeval.metrics.sequence_labeling import get_entities

    return [(kind, first, last + 1) for kind, first, last in get_entities(list(tags))]


def _scores(found: np.ndarray, wanted: WordValues, names: Sequence[str], average: Literal["micro"] | None) -> Any:
    """Return precision, recall, F1 and the number of spans in `wanted`, by seqeval.

    A span is right if its type and both ends are; an I- that continues no span of its type begins a new one.
    """
    from seqeval.metrics.sequence_labeling import precision_recall_fscore_support

    of_places = np.array(names)
    true, said = (
        [of_places[sentence].tolist() for sentence in WordValues(codes, wanted.counts).sentences()]
        for codes in (wanted.values, found)
    )
    return precision_recall_fscore_support(true, said, average=average, zero_division=0)
