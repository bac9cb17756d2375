"""Finds the best answer spans in the windows of a question."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

Span = tuple[int, int]
"""Start and end of an answer in its context, in characters."""


@dataclass(frozen=True)
class Search:
    """Search over spans, as in transformers' examples of question answering.

    Attributes:
        best: number of tokens with the largest logits that are tried as the first token and as the last token in a
            window; also the number of spans that are kept for a question.
        longest: largest number of tokens of an answer.
    """

    best: int
    longest: int

    def spans(self, logits: np.ndarray, offsets: np.ndarray) -> dict[Span, float]:
        """Return the spans of a window with their scores: the sum of the first token's and the last token's logit.

        Args:
            logits: float [tokens, 2], of each token as first token and as last.
            offsets: int32 [tokens, 2], where each token begins and ends in the context; -1 outside the context.
        """
        scores, own = logits.astype(np.float64), np.flatnonzero(offsets[:, 1] > offsets[:, 0])
        firsts, lasts = (own[np.argsort(-scores[own, side], kind="stable")[: self.best]] for side in (0, 1))
        lengths = lasts[None, :] - firsts[:, None] + 1
        pairs = np.argwhere((lengths >= 1) & (lengths <= self.longest))
        found = {
            (int(offsets[firsts[first], 0]), int(offsets[lasts[last], 1])): float(
                scores[firsts[first], 0] + scores[lasts[last], 1]
            )
            for first, last in pairs
        }
        return _largest(found, self.best)


@dataclass
class Found:
    """Search result of a question over its windows.

    Attributes:
        null: smallest score of "no answer" over the windows, the sum of the first token's two logits.
        spans: best spans with their scores.
    """

    null: float = np.inf
    spans: dict[Span, float] = field(default_factory=dict)

    def add(self, search: Search, logits: np.ndarray, offsets: np.ndarray) -> None:
        """Add a window: logits float [tokens, 2], offsets int32 [tokens, 2], as in `Search.spans`."""
        self.null = min(self.null, float(logits[0].astype(np.float64).sum()))
        for span, score in search.spans(logits, offsets).items():
            self.spans[span] = max(score, self.spans.get(span, -np.inf))
        self.spans = _largest(self.spans, search.best)

    def answer(self, threshold: float | None) -> Span | None:
        """Return the best span; None if there is none, or if "no answer" is better by more than the threshold.

        Args:
            threshold: margin of "no answer"; None if every question has an answer.
        """
        if not self.spans:
            return None
        span, score = next(iter(self.spans.items()))
        return None if threshold is not None and self.null - score > threshold else span

    def probabilities(self) -> tuple[float, dict[Span, float]]:
        """Return the probabilities of "no answer" and of the best spans: a softmax of their scores."""
        scores = np.asarray([self.null, *self.spans.values()])
        exponentials = np.exp(scores - scores.max())
        null, *spans = (exponentials / exponentials.sum()).tolist()
        return null, dict(zip(self.spans, spans, strict=True))


def _largest(spans: dict[Span, float], count: int) -> dict[Span, float]:
    """Return the spans with the largest scores in descending order; ties go to the earlier, then the shorter span."""
    ordered: Iterable[tuple[Span, float]] = sorted(spans.items(), key=lambda item: (-item[1], item[0]))
    return dict(list(ordered)[:count])
