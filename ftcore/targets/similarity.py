"""Defines the target of text vectors that are close for texts that belong together."""

import math
from array import array
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from ftcore.contract.losses import CosineSimilarity, Loss, MultipleNegativesRanking, Triplet
from ftcore.contract.network import SHORTEST
from ftcore.data import PAIR, SCORE, CountedDataset, Dataset, Form, PreparedData, finite_number
from ftcore.errors import DataError, SpecError
from ftcore.inputs import WholeSpec
from ftcore.inputs.tokens import TokenDataset
from ftcore.models import HeadKind, ModelPlan, VectorHead
from ftcore.parts import Problems
from ftcore.targets.base import BestMetric, Known, Mode, Modes, Prediction
from ftcore.targets.correlations import CONSTANT_LABELS, CONSTANT_PREDICTIONS, correlation, spearman, varies
from ftcore.targets.logits import LogitsObjective, LogitsTarget
from ftcore.targets.similarity_checks import check_split

RECALLS = (1, 5, 10)
"""The values of k for recall at k."""
SPEARMAN, RECALL = "spearman", "recall_at_"
DECIMALS = 6
"""The digits to which cosines are rounded before ranking, because results for a text vary with its batch."""
CHUNK = 2**22
"""Maximum number of cosines in memory at once."""


class Similarity(LogitsTarget):
    """Vectors of pairs (with or without scores) or of triplets."""

    name: ClassVar[str] = "similarity"
    column: ClassVar[str] = SCORE
    free_columns: ClassVar[bool] = True
    """Training and evaluation may use different columns, such as triplets and pairs with scores."""
    losses: ClassVar[tuple[type[Loss], ...]] = (MultipleNegativesRanking, CosineSimilarity, Triplet)
    metric: ClassVar[str] = SPEARMAN
    modes: ClassVar[Modes] = {
        "loss": "min",
        SPEARMAN: "max",
        **{f"{RECALL}{most}": "max" for most in RECALLS},
    }
    undefined_if: ClassVar[Mapping[str, str]] = {
        SPEARMAN: CONSTANT_PREDICTIONS,
        **{f"{RECALL}{most}": "all second texts are equally near" for most in RECALLS},
    }
    fits_modules: ClassVar[bool] = False

    def collector(self, labels: Sequence[str] | None) -> "_Scores":
        """Return a collector of one finite number per row, or of None if the file has no scores."""
        return _Scores()

    def check_labels(self, labels: Sequence[str], name: str) -> None:
        """Accept files without labels."""

    def head(self, labels: Sequence[str], pair: str) -> HeadKind:
        """Return a head with one vector per text."""
        return VectorHead()

    def problems(self, spec: WholeSpec) -> Problems:
        """Return a problem if the loss maps all scores to the same cosine."""
        loss = spec.loss
        if getattr(loss, "score_at_zero", 0.0) != getattr(loss, "score_at_one", 1.0):
            return []
        return [(("loss", "score_at_one"), "is the same as score_at_zero")]

    def stored_form(self, form: Form) -> Form:
        """Return no columns: the model takes pairs and triplets, whatever it was trained on."""
        return ()

    def objective(self, known: Known) -> "SimilarityObjective":
        """Return the bound target."""
        return SimilarityObjective(self, known, self)

    def metrics(self, logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
        """Return Spearman's correlation of cosines and scores, unless one side is constant; without scores, recall.

        Recall is absent if all second texts are equally near, because it would be 1 whatever the first ones are.

        Args:
            logits: float [examples, sequences, hidden], the vectors of each example.
            targets: float32 [examples, 1], the scores; [examples, 0] if there are none.
            weights: float32 [examples], of recall; Spearman's correlation has none. None for 1.
        """
        if not targets.shape[1]:
            alike = len(logits) > 1 and equally_near(logits[:, 1])
            return {} if alike else recalls(logits[:, 0], logits[:, 1], weights)
        nearness, wanted = cosines(logits)[:, 0].round(DECIMALS), targets[:, 0].astype(np.float64)
        return correlation(SPEARMAN, spearman, nearness, wanted)

    def undefined(self, targets: np.ndarray) -> dict[str, str]:
        """Return Spearman's correlation if all scores [rows, 1] are equal."""
        return {SPEARMAN: CONSTANT_LABELS} if targets.shape[1] and not varies(targets[:, 0]) else {}

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[Prediction]:
        """Return {"cosine"} or {"cosine_positive", "cosine_negative"} per row, from logits as in `metrics`."""
        names = ("cosine",) if logits.shape[1] == 2 else ("cosine_positive", "cosine_negative")
        return [dict(zip(names, row, strict=True)) for row in cosines(logits).tolist()]


class SimilarityObjective(LogitsObjective):
    """The bound target of text vectors."""

    def hollow(self, split: Dataset) -> dict[str, str]:
        """Return the recalls that are always 1, because a split has not more rows; each with the reason."""
        rows = len(split) if RECALL + str(RECALLS[0]) in measured(split.targets) else math.inf
        return {f"{RECALL}{most}": f"it is always 1 among {rows} rows" for most in RECALLS if rows <= most}

    def notes_of_split(self, where: str, split: Dataset) -> list[str]:
        """Return notes about undefined and hollow metrics, and if a loss of pairs has nothing to compare."""
        pairs = isinstance(split, TokenDataset) and split.sequences == len(PAIR)
        note = f"{where}: the loss of one pair is 0, because {self.loss.name} compares it with other rows"
        alone = [note] if pairs and len(split) == 1 and self.loss.couples_examples else []
        hollow = [f"{where}: {name} says nothing: {reason}" for name, reason in self.hollow(split).items()]
        return [*super().notes_of_split(where, split), *hollow, *alone]

    def initialized(self, model: ModelPlan, train: CountedDataset) -> ModelPlan:
        """Return the model: there is no classifier."""
        return model

    def check(self, data: PreparedData) -> None:
        """Check that the loss can read every split.

        Raises:
            DataError: the loss cannot read a split.
        """
        for name, split in data.splits.items():
            self.check_split(f"data.{name}", split)
        if not isinstance(self.loss, CosineSimilarity) and data.train.targets.shape[1]:
            raise DataError(
                f"data.train: has scores, but loss {self.loss.name} treats every row as texts that belong together: "
                f"keep those rows in a file without the column, or set loss: {CosineSimilarity.name}"
            )

    def check_split(self, where: str, split: CountedDataset) -> None:
        """Raise DataError if the loss cannot read a dataset, called `where` in errors."""
        check_split(where, split, self.loss)

    def best_metric(self, asked: str | None, mode: Mode | None, data: PreparedData) -> BestMetric:
        """Return the metric that determines the best evaluation, among those that the data has.

        Raises:
            SpecError: the data does not have the metric.
        """
        judged = data.train if data.validation is None else data.validation
        found = measured(judged.targets)
        if asked is not None and asked not in ("loss", *found):
            reason = "no scores" if asked not in measured(np.zeros((1, 0))) else "scores, which are preferred"
            raise SpecError(
                f"training.best.metric: given {asked}, but the data has {reason}; allowed: {', '.join(found)}"
            )
        if data.validation is not None and asked in (hollow := self.hollow(data.validation)):
            raise SpecError(f"training.best.metric: {asked} says nothing on validation: {hollow[asked]}")
        return super().best_metric(asked, mode, data)

    def own_metric(self, data: PreparedData) -> str:
        """Return the first metric of the data, or the loss if that is always 1."""
        judged = data.train if data.validation is None else data.validation
        name = measured(judged.targets)[0]
        return "loss" if name in self.hollow(judged) else name

    def measured(self, split: Dataset) -> Sequence[str]:
        """Return the metrics of a split, also those that may be undefined."""
        return measured(split.targets)


def measured(targets: np.ndarray) -> tuple[str, ...]:
    """Return the metrics for targets, float32 [examples, 1 or 0]; the first determines the best evaluation."""
    return (SPEARMAN,) if targets.shape[1] else tuple(f"{RECALL}{most}" for most in RECALLS)


def cosines(vectors: np.ndarray) -> np.ndarray:
    """Return the cosines of each example's first vector with its others, float64 [examples, sequences - 1].

    Args:
        vectors: float [examples, sequences, hidden].
    """
    units = _units(vectors)
    found: np.ndarray = (units[:, :1] * units[:, 1:]).sum(axis=-1)
    return found


def recalls(first: np.ndarray, second: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
    """Return the share of first texts whose own second text is among the k nearest of all, by cosine.

    In ties, the own text ranks first.

    Args:
        first: float [examples, hidden].
        second: float [examples, hidden].
        weights: float32 [examples], of the first texts; None for 1.
    """
    queries, candidates = _units(first), _units(second)
    rows = max(1, CHUNK // len(candidates))
    nearer = np.concatenate(
        [_nearer(queries, candidates, start, start + rows) for start in range(0, len(queries), rows)]
    )
    return {f"{RECALL}{most}": float(np.average(nearer < most, weights=weights)) for most in RECALLS}


def equally_near(candidates: np.ndarray) -> bool:
    """Return whether all vectors, float [examples, hidden], point into one direction."""
    units = _units(candidates)
    return bool((1.0 - units @ units[0] < 10.0**-DECIMALS).all())


def _nearer(queries: np.ndarray, candidates: np.ndarray, start: int, end: int) -> np.ndarray:
    """Return, for each query of a range, the number of candidates nearer than its own."""
    own = (queries[start:end] * candidates[start:end]).sum(axis=1, keepdims=True)
    found: np.ndarray = ((queries[start:end] @ candidates.T - own).round(DECIMALS) > 0).sum(axis=1)
    return found


def _units(vectors: np.ndarray) -> np.ndarray:
    wide = vectors.astype(np.float64)
    found: np.ndarray = wide / np.maximum(np.linalg.norm(wide, axis=-1, keepdims=True), SHORTEST)
    return found


class _Scores:
    notes: tuple[str, ...] = ()

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
