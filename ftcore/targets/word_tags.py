"""Defines the target of one tag per word: parts of speech, names, chunks."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ftcore.data import Dataset, WordValues
from ftcore.models import TokenClassifierHead
from ftcore.targets.base import Known, Modes, Prediction
from ftcore.targets.label_codes import LabelCodes, label_text
from ftcore.targets.logits import same_label
from ftcore.targets.span_schemes import OUTSIDE
from ftcore.targets.spans import NO_SPANS, SPAN_METRICS, has_spans, no_spans, span_metrics
from ftcore.targets.tags import Tags, TagsObjective, TagsTarget


class WordTags(TagsTarget):
    """One tag per word; a word that is not read counts as wrong in accuracy, and as outside in spans."""

    name: ClassVar[str] = "word-tags"
    metric: ClassVar[str] = "accuracy"
    modes: ClassVar[Modes] = {"loss": "min", "accuracy": "max", **dict.fromkeys(SPAN_METRICS, "max")}

    def collector(self, labels: Sequence[str] | None) -> Tags:
        """Return a collector of a list of tags per row: strings, integers or booleans."""
        return Tags(LabelCodes(labels), label_text)

    def fits_config(self, head: str, problem_type: str) -> bool:
        """Return whether the classifier is one of tokens."""
        return head == TokenClassifierHead.name

    def metrics(self, logits: WordValues, targets: WordValues, weights: np.ndarray | None = None) -> dict[str, float]:
        """Return accuracy over words and, if the tags mark spans, precision, recall and F1 of spans, without weights.

        Args:
            logits: float [words, outputs], NaN for a word that is not predicted.
            targets: int32 [words], with labels.
            weights: float32 [words]; None for 1.
        """
        predicted, names = _predicted(logits), (*targets.labels, OUTSIDE)
        found = {"accuracy": float(np.average(predicted == targets.values, weights=weights))}
        return {**found, **span_metrics(predicted, targets, names)} if has_spans(targets.labels) else found

    def undefined(self, targets: WordValues) -> dict[str, str]:
        """Return the metrics of spans if the tags mark spans and all words are outside."""
        hollow = has_spans(targets.labels) and no_spans(targets.values, targets.labels)
        return dict.fromkeys(SPAN_METRICS, NO_SPANS) if hollow else {}

    def predictions(self, logits: WordValues, labels: Sequence[str]) -> list[Prediction]:
        """Return {"tags": the most probable, "scores": their probabilities} per row, null for unread words."""
        return [_prediction(sentence, labels) for sentence in logits.sentences()]

    def objective(self, known: Known) -> TagsObjective:
        """Return the bound target."""
        return WordTagsObjective(self, known, self)


class WordTagsObjective(TagsObjective):
    """The bound target of words' tags."""

    def notes_of_split(self, where: str, split: Dataset) -> list[str]:
        """Return notes about undefined metrics, and if all words of a split have the same tag."""
        same = same_label(where, self.labels, split.targets, "word")
        return [*same, *super().notes_of_split(where, split)]


def _predicted(logits: WordValues) -> np.ndarray:
    """Return each word's most probable tag, int [words], -1 if it is not predicted."""
    read = ~np.isnan(logits.values).any(axis=1)
    found = np.full(len(logits.values), -1)
    found[read] = logits.values[read].argmax(axis=1)
    return found


def _prediction(logits: np.ndarray, labels: Sequence[str]) -> Prediction:
    scores = logits.astype(np.float64)
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    highest = (exponentials / exponentials.sum(axis=1, keepdims=True)).max(axis=1)
    codes = _predicted(WordValues(logits, np.array([len(logits)])))
    return {
        "tags": [labels[code] if code >= 0 else None for code in codes],
        "scores": [score if code >= 0 else None for code, score in zip(codes, highest.tolist(), strict=True)],
    }
