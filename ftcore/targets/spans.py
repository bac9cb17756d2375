"""Finds spans of words in tags and computes conlleval's metrics."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from ftcore.data import WordValues
from ftcore.targets.span_schemes import OUTSIDE, USUAL, as_bioes, scheme_of

BEGIN, INSIDE = "B-", "I-"
"""The prefixes of the BIO tags of a span's first word and of its other words."""
SPAN_METRICS = ("span_f1", "span_precision", "span_recall")
NO_SPANS = "no word is in a span"


def is_bio(tag: str) -> bool:
    """Return whether a tag is O, or a type after B- or I-."""
    return tag == OUTSIDE or (tag[:2] in (BEGIN, INSIDE) and len(tag) > 2)


def has_spans(labels: Sequence[str]) -> bool:
    """Return whether all tags are of a scheme for spans, and some belong to spans."""
    return scheme_of(labels) is not None


def span_metrics(found: np.ndarray, wanted: WordValues, names: Sequence[str]) -> dict[str, float]:
    """Return the metrics of all spans together, micro-averaged over types; see `_scores`.

    All are absent if there is no span to find. Precision is 0 if none is found, as in conlleval.

    Args:
        found: int [words], indices in `names`.
        wanted: int [words], indices in `names`.
        names: the tags.
    """
    if no_spans(wanted.values, names):
        return {}
    precision, recall, f1, _ = _scores(found, wanted, names, "micro")
    return dict(zip(SPAN_METRICS, (float(f1), float(precision), float(recall)), strict=True))


def no_spans(codes: np.ndarray, names: Sequence[str]) -> bool:
    """Return whether all tags, int [words], indices in `names`, are outside of spans."""
    return all(names[code] == OUTSIDE for code in np.unique(codes))


def metrics_by_type(found: np.ndarray, wanted: WordValues, names: Sequence[str]) -> dict[str, float]:
    """Return "f1/TYPE", "precision/TYPE", "recall/TYPE" and "spans/TYPE" (their number in `wanted`) for every type.

    Recall and F1 are absent for a type that is not in `wanted`. Precision is 0 for one that is not found.
    For the arguments see `span_metrics`.
    """
    said, true = (_types(codes, names) for codes in (found, wanted.values))
    columns = dict(zip(("precision", "recall", "f1", "spans"), _scores(found, wanted, names, None), strict=True))
    return {
        f"{name}/{kind}": float(columns[name][place])
        for place, kind in enumerate(sorted(said | true))
        for name in ("f1", "precision", "recall", "spans")
        if kind in true or name in ("precision", "spans")
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

    of_places = np.array(as_bioes(names, scheme_of(names) or USUAL))
    true, said = (
        [of_places[sentence].tolist() for sentence in WordValues(codes, wanted.counts).sentences()]
        for codes in (wanted.values, found)
    )
    return precision_recall_fscore_support(true, said, average=average, zero_division=0)
