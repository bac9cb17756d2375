"""Defines the losses of text embeddings, which compare the vectors of an example's texts.

Vectors are float [sequences, hidden]. Each example has the same number of vectors, which are adjacent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Gt

from ftcore.contract.batch import Batch
from ftcore.contract.losses.base import LabelKind, LossValue, labelled, logits_of
from ftcore.contract.network import SHORTEST
from ftcore.contract.outputs import Outputs

OFFSET = 1e-6
"""Added to a difference by torch.nn.functional.pairwise_distance."""

Distance = Literal["euclidean", "cosine"]


@dataclass(frozen=True)
class MultipleNegativesRanking:
    """Cross-entropy of finding a text's partner among all candidates of the batch (Henderson et al. 2017, section 4.4).

    As in sentence-transformers' MultipleNegativesRankingLoss, the candidates c are the second texts of all examples,
    then their third texts. With first texts a, an example's loss is -log softmax_j(scale cos(a_i, c_j)) at j = i. An
    example's weight multiplies its own term; every example of the batch is among the candidates.

    Attributes:
        scale: Factor of the cosines in the softmax, the inverse of a temperature.
    """

    name: ClassVar[str] = "multiple-negatives-ranking"
    couples_examples: ClassVar[bool] = True
    labels: ClassVar[LabelKind] = "made"
    scale: Annotated[float, Gt(0)] = 20.0

    def weight(self, batch: Batch) -> float:
        """Return the sum of the weights [examples]."""
        return float(batch.weights.astype(np.float64).sum())

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient; logits [sequences, hidden] are vectors, weights [examples]."""
        logits, weights = logits_of(outputs), batch.weights
        units, lengths = _units(logits, len(weights))
        first, candidates = units[:, 0], np.concatenate(units[:, 1:].swapaxes(0, 1))
        own, scale = np.arange(len(weights)), weights.astype(np.float64)[:, None]
        scores = self.scale * first @ candidates.T
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        of_scores = np.exp(log_probabilities)
        of_scores[own, own] -= 1.0
        of_scores *= scale * self.scale
        of_others = (of_scores.T @ first).reshape(units.shape[1] - 1, len(weights), -1).swapaxes(0, 1)
        of_units = np.concatenate([(of_scores @ candidates)[:, None], of_others], axis=1)
        total = -(scale[:, 0] * log_probabilities[own, own]).sum()
        return LossValue(float(total), _of_vectors(of_units, units, lengths).reshape(logits.shape))


@dataclass(frozen=True)
class CosineSimilarity:
    """Squared error of the cosine of two texts against their score, as in sentence-transformers' CosineSimilarityLoss.

    For the vectors u and v of an example, it is (cos(u, v) - y)^2, where
    y = (score - score_at_zero) / (score_at_one - score_at_zero).

    Attributes:
        score_at_zero: Score that corresponds to the cosine 0.
        score_at_one: Score that corresponds to the cosine 1.
    """

    name: ClassVar[str] = "cosine-similarity"
    couples_examples: ClassVar[bool] = False
    labels: ClassVar[LabelKind] = "made"
    score_at_zero: float = 0.0
    score_at_one: float = 1.0

    def cosines(self, scores: np.ndarray) -> np.ndarray:
        """Return y of scores of any shape, float64 in the same shape."""
        wanted: np.ndarray = (scores.astype(np.float64) - self.score_at_zero) / (self.score_at_one - self.score_at_zero)
        return wanted

    def weight(self, batch: Batch) -> float:
        """Return the sum of the weights [examples]."""
        return float(batch.weights.astype(np.float64).sum())

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient; logits [2 * examples, hidden] are vectors, labels [examples, 1]."""
        logits, labels, weights = labelled(outputs, batch)
        units, lengths = _units(logits, len(weights))
        scale = weights.astype(np.float64)
        difference = (units[:, 0] * units[:, 1]).sum(axis=1) - self.cosines(labels[:, 0])
        of_units = (2.0 * scale * difference)[:, None, None] * units[:, ::-1]
        return LossValue(
            float((scale * difference**2).sum()), _of_vectors(of_units, units, lengths).reshape(logits.shape)
        )


@dataclass(frozen=True)
class Triplet:
    """Hinge loss max(d(anchor, positive) - d(anchor, negative) + margin, 0), as in sentence-transformers' TripletLoss.

    The distance d is either 1 - cosine, or the Euclidean length of the difference with 1e-6 added to each channel, as
    in torch.nn.functional.pairwise_distance.

    Attributes:
        margin: Distance by which the negative must be farther away than the positive.
        distance: How the distance of two texts is measured.
    """

    name: ClassVar[str] = "triplet"
    couples_examples: ClassVar[bool] = False
    labels: ClassVar[LabelKind] = "made"
    margin: Annotated[float, Gt(0)] = 5.0
    distance: Distance = "euclidean"

    def weight(self, batch: Batch) -> float:
        """Return the sum of the weights [examples]."""
        return float(batch.weights.astype(np.float64).sum())

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient; logits [3 * examples, hidden] are vectors, weights [examples]."""
        logits, weights = logits_of(outputs), batch.weights
        scale = weights.astype(np.float64)
        distances, derivative = DISTANCES[self.distance](logits, len(weights))
        short = distances[:, 0] - distances[:, 1] + self.margin
        slope = (scale * (short > 0))[:, None] * np.asarray([1.0, -1.0])
        return LossValue(float((scale * np.maximum(short, 0.0)).sum()), derivative(slope).reshape(logits.shape))


def _by_example(logits: np.ndarray, examples: int) -> np.ndarray:
    """Return vectors [sequences, hidden] as float64 [examples, sequences per example, hidden]."""
    return logits.astype(np.float64).reshape(examples, -1, logits.shape[-1])


def _units(logits: np.ndarray, examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors [examples, sequences per example, hidden], and the original lengths [..., 1]."""
    vectors = _by_example(logits, examples)
    lengths = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), SHORTEST)
    return vectors / lengths, lengths


def _of_vectors(of_units: np.ndarray, units: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the gradient with respect to the vectors, given the gradient with respect to the unit vectors."""
    along = (of_units * units).sum(axis=-1, keepdims=True)
    gradient: np.ndarray = (of_units - along * units) / lengths
    return gradient


Derivative = Callable[[np.ndarray], np.ndarray]
"""Maps the gradient with respect to the distances [examples, others] to that with respect to the vectors."""


def _euclidean(logits: np.ndarray, examples: int) -> tuple[np.ndarray, Derivative]:
    """Return the distances of each example's first vector to its others, [examples, others], and their derivative."""
    vectors = _by_example(logits, examples)
    differences = vectors[:, :1] - vectors[:, 1:] + OFFSET
    distances = np.linalg.norm(differences, axis=-1)

    def derivative(slope: np.ndarray) -> np.ndarray:
        of_differences = (slope / distances)[..., None] * differences
        return np.concatenate([of_differences.sum(axis=1, keepdims=True), -of_differences], axis=1)

    return distances, derivative


def _one_minus_cosine(logits: np.ndarray, examples: int) -> tuple[np.ndarray, Derivative]:
    units, lengths = _units(logits, examples)

    def derivative(slope: np.ndarray) -> np.ndarray:
        of_first = -(slope[..., None] * units[:, 1:]).sum(axis=1, keepdims=True)
        return _of_vectors(np.concatenate([of_first, -slope[..., None] * units[:, :1]], axis=1), units, lengths)

    return 1.0 - (units[:, :1] * units[:, 1:]).sum(axis=-1), derivative


DISTANCES: Mapping[Distance, Callable[[np.ndarray, int], tuple[np.ndarray, Derivative]]] = {
    "euclidean": _euclidean,
    "cosine": _one_minus_cosine,
}
