"""Defines the base of targets with one tag per word."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ftcore.contract import Learner
from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.data import PREDICATE, TOKENS, Dataset, PreparedData, Row
from ftcore.errors import SpecError
from ftcore.inputs import check_type
from ftcore.models import HeadKind, NewHead, TokenClassifierHead
from ftcore.parts import SpecPart
from ftcore.targets.base import BestMetric, Mode, Prediction
from ftcore.targets.label_codes import LabelCodes
from ftcore.targets.logits import LogitsObjective, LogitsTarget, check_several
from ftcore.targets.settings import LabelOrder
from ftcore.targets.span_schemes import SCHEMES, USUAL, look_like_spans, scheme_of
from ftcore.targets.spans import SPAN_METRICS, has_spans

SHOWN = 5
"""Maximum number of labels that an error lists."""


class TagsTarget(LogitsTarget):
    """One tag for each word of a sentence.

    Words that the network does not read, because max_length cut them off or they have no token, are not predicted.
    """

    column: ClassVar[str] = "tags"
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    parts: ClassVar[tuple[type[SpecPart], ...]] = (LabelOrder,)
    model_parts: ClassVar[tuple[type[SpecPart], ...]] = (NewHead,)

    def head(self, labels: Sequence[str], pair: str) -> HeadKind:
        """Return a head with one vector of logits per token."""
        return TokenClassifierHead(len(labels))

    def check_labels(self, labels: Sequence[str], name: str) -> None:
        """Raise DataError if the file `name` has fewer than two tags."""
        super().check_labels(labels, name)
        check_several(labels, name, "word")

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the errors in the labels and the head in ftcore.json."""
        return [*check_type(description, "labels", list), *check_type(description, "outputs", int)]

    def fits_config(self, head: str, problem_type: str) -> bool:
        """Return False: a config does not tell the kind of tags."""
        return False


class TagsObjective(LogitsObjective):
    """The bound target of one tag per word."""

    def best_metric(self, asked: str | None, mode: Mode | None, data: PreparedData) -> BestMetric:
        """Return the metric that determines the best evaluation.

        Raises:
            SpecError: the metric is one of spans, but the tags have none.
        """
        labels = data.labels
        if asked in SPAN_METRICS and not has_spans(labels):
            raise SpecError(
                f"training.best.metric: {asked} is for tags of spans ({', '.join(SCHEMES)}), but the data has "
                f"{', '.join(labels[:SHOWN])}{' ...' if len(labels) > SHOWN else ''}"
            )
        return super().best_metric(asked, mode, data)

    def notes(self, data: PreparedData) -> list[str]:
        """Return the messages of other targets, and one about the scheme of the tags."""
        return [*_notes_of_scheme(data.labels), *super().notes(data)]

    def predict(
        self, learner: Learner, dataset: Dataset, rows: Sequence[Row], columns: Mapping[str, str]
    ) -> list[Prediction]:
        """Return the tags of each sentence, with its words."""
        found = super().predict(learner, dataset, rows, columns)
        given = ({own: row.values.get(columns.get(own, own)) for own in (TOKENS, PREDICATE)} for row in rows)
        return [self.beside(values, one) for values, one in zip(given, found, strict=True)]

    def beside(self, given: Mapping[str, Any], prediction: Prediction) -> Prediction:
        """Return a prediction in readable form, given its row's columns by ftcore's names."""
        return {TOKENS: given[TOKENS], **prediction}


def _notes_of_scheme(labels: Sequence[str]) -> list[str]:
    """Return the scheme of tags if it is not BIO, or that tags which look like those of spans have none."""
    scheme = scheme_of(labels)
    if scheme is not None:
        return [] if scheme == USUAL else [f"tags: read as {scheme}"]
    if not look_like_spans(labels):
        return []
    return [f"tags: they are of no scheme of spans ({', '.join(SCHEMES)}), so that metrics of spans are left out"]


class Tags:
    """Collects a list of tags per row.

    Args:
        codes: the codes of the tags.
        text: returns a tag as text; raises ValueError if a value is not a tag of the target.
    """

    def __init__(self, codes: LabelCodes, text: Callable[[object], str]) -> None:
        self._codes = codes
        self._text = text
        self._words: array[int] = codes.array()

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about the labels."""
        return self._codes.notes

    def add(self, value: object) -> None:
        """Take a row's tags; raises ValueError with the reason if they are wrong."""
        if not isinstance(value, list | tuple | np.ndarray):
            raise ValueError(f"tags must be a list with one per token, not {value!r}")
        texts = [self._named(tag, place) for place, tag in enumerate(value, start=1)]
        # All tags are checked before one of them becomes a class.
        self._words.extend([self._codes.code(text) for text in texts])

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the tags in order, and int32 [words]."""
        labels, order = self._codes.finish()
        words = np.asarray(self._words, dtype=np.int32)
        return labels, order[words] if len(words) else words

    def _named(self, tag: object, place: int) -> str:
        try:
            return self._text(tag)
        except ValueError as error:
            raise ValueError(f"tag {place}: {error}") from None
