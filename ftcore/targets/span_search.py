"""The best spans of tokens of a question's windows."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

Span = tuple[int, int]
"""Where an answer begins and ends in its context, in characters."""


@dataclass(frozen=True)
class Search:
    """Which spans are looked at, as in transformers' examples of question answering.

    Attributes:
        best: of a window so many tokens as the first one and so many as the last one are looked at, those of the
            largest logits; of a question so many spans are kept.
        longest: the most tokens of an answer.
    """

    best: int
    longest: int

    def spans(self, logits: np.ndarray, offsets: np.ndarray) -> dict[Span, float]:
        """Return the spans of a window with their scores, the first token's logit plus the last one's.

        Args:
            logits: float [tokens, 2], of each token as the first and as the last.
            offsets: int32 [tokens, 2], where each begins and ends in the context; -1 where it is not of the context.
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
    """What the windows of a question say.

    Attributes:
        null: the smallest score of "no answer" of a window, its first token's two logits.
        spans: the best spans with their scores.
    """

    null: float = np.inf
    spans: dict[Span, float] = field(default_factory=dict)

    def add(self, search: Search, logits: np.ndarray, offsets: np.ndarray) -> None:
        """Take a window: logits float [tokens, 2], offsets int32 [tokens, 2], as in `Search.spans`."""
        self.null = min(self.null, float(logits[0].astype(np.float64).sum()))
        for span, score in search.spans(logits, offsets).items():
            self.spans[span] = max(score, self.spans.get(span, -np.inf))
        self.spans = _largest(self.spans, search.best)

    def answer(self, threshold: float | None) -> Span | None:
        """Return the best span; None where there is none, or "no answer" is better by more than the threshold.

        Args:
            threshold: None where every question has an answer.
        """
        if not self.spans:
            return None
        span, score = next(iter(self.spans.items()))
        return None if threshold is not None and self.null - score > threshold else span

    def probabilities(self) -> tuple[float, dict[Span, float]]:
        """Return how probable "no answer" and each of the best spans is among these: a softmax of their scores."""
        scores = np.asarray([self.null, *self.spans.values()])
        exponentials = np.exp(scores - scores.max())
        null, *spans = (exponentials / exponentials.sum()).tolist()
        return null, dict(zip(self.spans, spans, strict=True))


def _largest(spans: dict[Span, float], count: int) -> dict[Span, float]:
    """Return the spans of the largest scores, those first; of equal ones the earlier and shorter."""
    ordered: Iterable[tuple[Span, float]] = sorted(spans.items(), key=lambda item: (-item[1], item[0]))
    return dict(list(ordered)[:count])
