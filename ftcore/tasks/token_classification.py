"""One tag a word: parts of speech, names, chunks."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from ftcore.losses import CrossEntropy, Loss
from ftcore.tasks.forms import TOKENS, Form
from ftcore.tasks.labels import LabelCodes, label_text
from ftcore.tasks.words import Words

OUTSIDE, BEGIN, INSIDE = "O", "B-", "I-"
"""The tag of a word in no span, and what tags of a span's first word and of its others begin with."""
SPAN_METRICS = ("span_f1", "span_precision", "span_recall")


class TokenClassification:
    """One of several tags for each word of a sentence.

    A word that the network did not read, because max_length cut it off or the tokenizer has no token for it, is not
    predicted: it counts as wrong, and in spans as outside of any.
    """

    name: ClassVar[str] = "token-classification"
    reads: ClassVar[Literal["tokens", "images"]] = "tokens"
    forms: ClassVar[tuple[Form, ...]] = ((TOKENS,),)
    unit: ClassVar[Literal["sequence", "token"]] = "token"
    target: ClassVar[str] = "tags"
    problem_type: ClassVar[str] = ""
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    metric: ClassVar[str] = "accuracy"
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = {
        "loss": "min",
        "accuracy": "max",
        **dict.fromkeys(SPAN_METRICS, "max"),
    }

    def collector(self, labels: Sequence[str] | None) -> "_Tags":
        """Return a collector of a list of tags a row: strings, integers or booleans."""
        return _Tags(LabelCodes(labels))

    def outputs(self, labels: Sequence[str]) -> int:
        """Return one logit a tag."""
        return len(labels)

    def initial_bias(self, targets: np.ndarray) -> np.ndarray | None:
        """Return None: every tag starts alike."""
        return None

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return None: a sentence has many tags."""
        return None

    def metrics(self, logits: Words, targets: Words) -> dict[str, float]:
        """Return accuracy over words and, where the tags are BIO, precision, recall and F1 of spans.

        Args:
            logits: float [words, outputs], nan for a word that is not predicted.
            targets: int32 [words], with labels.
        """
        predicted = _predicted(logits)
        found = {"accuracy": float((predicted == targets.values).mean())}
        return {**found, **_span_metrics(predicted, targets)} if has_spans(targets.labels) else found

    def predictions(self, logits: Words, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return {"tags": the most probable, "scores": their probabilities} a row, null where there is none."""
        return [_prediction(sentence, labels) for sentence in logits.sentences()]


def has_spans(labels: Sequence[str]) -> bool:
    """Return whether tags are BIO: each O, or a type after B- or I-."""
    spans = [label for label in labels if label != OUTSIDE]
    return bool(spans) and all(label[:2] in (BEGIN, INSIDE) and len(label) > 2 for label in spans)


def _predicted(logits: Words) -> np.ndarray:
    """Return each word's most probable tag, int [words], -1 where it is not predicted."""
    read = ~np.isnan(logits.values).any(axis=1)
    found = np.full(len(logits.values), -1)
    found[read] = logits.values[read].argmax(axis=1)
    return found


def _span_metrics(predicted: np.ndarray, targets: Words) -> dict[str, float]:
    """Return conlleval's numbers by seqeval: a span is right where its type and both its ends are.

    An I- that goes on with no span of its type begins one.
    """
    from seqeval.metrics.sequence_labeling import precision_recall_fscore_support

    names = np.array([*targets.labels, OUTSIDE])
    wanted, found = (
        [names[sentence].tolist() for sentence in Words(codes, targets.counts).sentences()]
        for codes in (targets.values, predicted)
    )
    precision, recall, f1, _ = precision_recall_fscore_support(wanted, found, average="micro", zero_division=0)
    return dict(zip(SPAN_METRICS, (float(f1), float(precision), float(recall)), strict=True))


def _prediction(logits: np.ndarray, labels: Sequence[str]) -> dict[str, Any]:
    scores = logits.astype(np.float64)
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    highest = (exponentials / exponentials.sum(axis=1, keepdims=True)).max(axis=1)
    codes = _predicted(Words(logits, np.array([len(logits)])))
    return {
        "tags": [labels[code] if code >= 0 else None for code in codes],
        "scores": [score if code >= 0 else None for code, score in zip(codes, highest.tolist(), strict=True)],
    }


class _Tags:
    def __init__(self, codes: LabelCodes) -> None:
        self._codes = codes
        self._words: array[int] = codes.array()

    def add(self, value: object) -> None:
        if not isinstance(value, list | tuple | np.ndarray):
            raise ValueError(f"tags are a list, one a token, not {value!r}")
        texts = [_tag_text(tag, place) for place, tag in enumerate(value, start=1)]
        # All are looked at before one of them becomes a class.
        self._words.extend([self._codes.code(text) for text in texts])

    def finish(self) -> tuple[list[str], np.ndarray]:
        labels, order = self._codes.finish()
        words = np.asarray(self._words, dtype=np.int32)
        return labels, order[words] if len(words) else words


def _tag_text(tag: object, place: int) -> str:
    try:
        return label_text(tag)
    except ValueError as error:
        raise ValueError(f"tag {place}: {error}") from None
