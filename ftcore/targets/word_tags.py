"""One tag a word: parts of speech, names, chunks."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from ftcore.data.forms import TOKENS, Form
from ftcore.data.words import Words
from ftcore.targets.label_codes import LabelCodes, label_text
from ftcore.targets.spans import OUTSIDE, SPAN_METRICS, has_spans, span_metrics
from ftcore.targets.tags import OneTagTask, Tags


class TokenClassification(OneTagTask):
    """One of several tags for each word; one that is not read counts as wrong, and in spans as outside of any."""

    name: ClassVar[str] = "token-classification"
    forms: ClassVar[tuple[Form, ...]] = ((TOKENS,),)
    metric: ClassVar[str] = "accuracy"
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = {
        "loss": "min",
        "accuracy": "max",
        **dict.fromkeys(SPAN_METRICS, "max"),
    }

    def collector(self, labels: Sequence[str] | None) -> Tags:
        """Return a collector of a list of tags a row: strings, integers or booleans."""
        return Tags(LabelCodes(labels), label_text)

    def metrics(self, logits: Words, targets: Words) -> dict[str, float]:
        """Return accuracy over words and, where the tags are BIO, precision, recall and F1 of spans.

        Args:
            logits: float [words, outputs], nan for a word that is not predicted.
            targets: int32 [words], with labels.
        """
        predicted, names = _predicted(logits), (*targets.labels, OUTSIDE)
        found = {"accuracy": float((predicted == targets.values).mean())}
        return {**found, **span_metrics(predicted, targets, names)} if has_spans(targets.labels) else found

    def predictions(self, logits: Words, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return {"tags": the most probable, "scores": their probabilities} a row, null where there is none."""
        return [_prediction(sentence, labels) for sentence in logits.sentences()]


def _predicted(logits: Words) -> np.ndarray:
    """Return each word's most probable tag, int [words], -1 where it is not predicted."""
    read = ~np.isnan(logits.values).any(axis=1)
    found = np.full(len(logits.values), -1)
    found[read] = logits.values[read].argmax(axis=1)
    return found


def _prediction(logits: np.ndarray, labels: Sequence[str]) -> dict[str, Any]:
    scores = logits.astype(np.float64)
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    highest = (exponentials / exponentials.sum(axis=1, keepdims=True)).max(axis=1)
    codes = _predicted(Words(logits, np.array([len(logits)])))
    return {
        "tags": [labels[code] if code >= 0 else None for code in codes],
        "scores": [score if code >= 0 else None for code, score in zip(codes, highest.tolist(), strict=True)],
    }
