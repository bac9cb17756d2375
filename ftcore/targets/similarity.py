"""A vector a text: near for texts that belong together."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from ftcore.contract.losses import CosineSimilarity, Loss, MultipleNegativesRanking, Triplet
from ftcore.contract.network import SHORTEST
from ftcore.data.forms import PAIR, SCORE, TRIPLET, Form
from ftcore.targets.numbers import finite_number

RECALLS = (1, 5, 10)
"""The k of recall at k."""
SPEARMAN, RECALL = "spearman", "recall_at_"
DECIMALS = 6
"""To which cosines are rounded before they are ranked: the same text is computed otherwise in another batch."""
CHUNK = 2**22
"""Cosines that are held in memory at once."""


class SentenceEmbedding:
    """Vectors of pairs, with scores or without, or of triplets."""

    name: ClassVar[str] = "sentence-embedding"
    reads: ClassVar[Literal["tokens"]] = "tokens"
    forms: ClassVar[tuple[Form, ...]] = (PAIR, TRIPLET)
    unit: ClassVar[Literal["vector"]] = "vector"
    target: ClassVar[str] = SCORE
    problem_type: ClassVar[str] = ""
    losses: ClassVar[tuple[type[Loss], ...]] = (MultipleNegativesRanking, CosineSimilarity, Triplet)
    metric: ClassVar[str] = SPEARMAN
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = {
        "loss": "min",
        SPEARMAN: "max",
        **{f"{RECALL}{most}": "max" for most in RECALLS},
    }

    def collector(self, labels: Sequence[str] | None) -> "_Scores":
        """Return a collector of one finite number a row, or of None for each where a file has no scores."""
        return _Scores()

    def outputs(self, labels: Sequence[str]) -> int:
        """Return 0: the network stops at its vectors."""
        return 0

    def initial_bias(self, targets: np.ndarray) -> np.ndarray | None:
        """Return None: there is no classifier."""
        return None

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return None: there are no classes."""
        return None

    def metrics(self, logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
        """Return Spearman's correlation of cosines and scores (0 where one side is constant); without scores, recall.

        Args:
            logits: float [examples, sequences, hidden], the vectors of each example.
            targets: float32 [examples, 1], the scores; [examples, 0] where there are none.
        """
        if not targets.shape[1]:
            return recalls(logits[:, 0], logits[:, 1])
        from scipy.stats import spearmanr

        found, wanted = cosines(logits)[:, 0].round(DECIMALS), targets[:, 0].astype(np.float64)
        varied = len(wanted) > 1 and np.ptp(found) > 0 and np.ptp(wanted) > 0
        return {SPEARMAN: float(spearmanr(found, wanted).statistic) if varied else 0.0}

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return {"cosine": that of the pair} a row, or {"cosine_positive": ..., "cosine_negative": ...}."""
        names = ("cosine",) if logits.shape[1] == 2 else ("cosine_positive", "cosine_negative")
        return [dict(zip(names, row, strict=True)) for row in cosines(logits).tolist()]


def measured(targets: np.ndarray) -> tuple[str, ...]:
    """Return the metrics of a split with these targets, the one that tells the best evaluation first."""
    return (SPEARMAN,) if targets.shape[1] else tuple(f"{RECALL}{most}" for most in RECALLS)


def cosines(vectors: np.ndarray) -> np.ndarray:
    """Return the cosines of each example's first vector with its others, float64 [examples, sequences - 1].

    Args:
        vectors: float [examples, sequences, hidden].
    """
    units = _units(vectors)
    found: np.ndarray = (units[:, :1] * units[:, 1:]).sum(axis=-1)
    return found


def recalls(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Return the share of first texts whose own second text is among the k nearest of all, by cosine.

    Texts that are equally near stand behind the own one.

    Args:
        first: float [examples, hidden].
        second: float [examples, hidden].
    """
    queries, candidates = _units(first), _units(second)
    rows = max(1, CHUNK // len(candidates))
    nearer = np.concatenate(
        [_nearer(queries, candidates, start, start + rows) for start in range(0, len(queries), rows)]
    )
    return {f"{RECALL}{most}": float((nearer < most).mean()) for most in RECALLS}


def _nearer(queries: np.ndarray, candidates: np.ndarray, start: int, end: int) -> np.ndarray:
    """Return how many candidates are nearer than its own one to each query of a range."""
    own = (queries[start:end] * candidates[start:end]).sum(axis=1, keepdims=True)
    found: np.ndarray = ((queries[start:end] @ candidates.T - own).round(DECIMALS) > 0).sum(axis=1)
    return found


def _units(vectors: np.ndarray) -> np.ndarray:
    wide = vectors.astype(np.float64)
    found: np.ndarray = wide / np.maximum(np.linalg.norm(wide, axis=-1, keepdims=True), SHORTEST)
    return found


class _Scores:
    def __init__(self) -> None:
        self._rows = array("d")
        self._without = 0

    def add(self, value: object) -> None:
        if value is None:
            self._without += 1
        else:
            self._rows.append(finite_number(value, "score"))

    def finish(self) -> tuple[list[str], np.ndarray]:
        if self._without:
            return [], np.zeros((self._without, 0), np.float32)
        return [], np.asarray(self._rows, dtype=np.float32)[:, None]
