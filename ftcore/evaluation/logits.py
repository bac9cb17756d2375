"""Evaluates a whole split: its loss, its metrics and its logits."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ftcore.contract import Batch, Learner, Want
from ftcore.contract.losses import Loss
from ftcore.data import Dataset, WordValues, evaluation_batches, group_starts, ranges
from ftcore.errors import DataError
from ftcore.evaluation.finite import finite_outputs
from ftcore.observer import RowsDone, nobody

NOTHING_COUNTS = "no label counts in the loss, which is therefore undefined: check class weights, and data.max_length"
Metrics = Callable[[Any, Any, np.ndarray | None], dict[str, float]]
"""A function of logits, float [examples, outputs], targets and weights to named numbers.

In tasks of words, logits and targets are WordValues. Weights are float32 [examples] or [words]; None means 1.
"""


def evaluate(
    learner: Learner, dataset: Dataset, loss: Loss, metrics: Metrics, progress: RowsDone = nobody
) -> dict[str, float]:
    """Return the split's loss (sum of weighted losses / sum of weights) and its metrics.

    Args:
        learner: the network.
        dataset: the split.
        loss: the loss's definition.
        metrics: computes named numbers from logits and targets.
        progress: called with the number of examples done, batch by batch.

    Raises:
        NotFiniteError: an output is not finite.
        DataError: no example counts in the loss.
    """
    value, logits = loss_and_logits(learner, dataset, loss, progress)
    return {"loss": value, **metrics(logits, targets_of(dataset), weights_of(dataset))}


def loss_and_logits(
    learner: Learner, dataset: Dataset, loss: Loss, progress: RowsDone = nobody
) -> tuple[float, np.ndarray | WordValues]:
    """Return the split's loss, as `evaluate` does, and its logits, as `logits_of` does.

    Only the logits are kept in memory, each once: [examples, outputs], or [words, outputs].
    """
    total, weight = 0.0, 0.0
    answers = _Answers(dataset)
    for batch in evaluation_batches(dataset):
        outputs = finite_outputs(learner, batch, Want(logits=True, loss=True))
        answers.add(batch, outputs.logits)
        total += outputs.loss or 0.0
        weight += loss.weight(batch)
        progress(batch.examples)
    return mean_loss(total, weight), answers.in_order()


def targets_of(dataset: Dataset) -> Any:
    """Return the targets of every example, or WordValues in tasks of words; see `Dataset.targets`."""
    return dataset.targets if dataset.words is None else dataset.words.whole()


def weights_of(dataset: Dataset) -> np.ndarray | None:
    """Return the weight of each example [examples], or of each word of whole sentences [words]; None if all are 1."""
    weights, words = dataset.weights, dataset.words
    if weights is None or words is None:
        return weights
    of_sentences = weights if words.parts is None else weights[group_starts(words.parts)]
    return np.asarray(np.repeat(of_sentences, words.whole().counts))


def mean_loss(total: float, weight: float) -> float:
    """Return a split's loss: the sum of weighted losses / the sum of weights.

    Raises:
        DataError: the sum of weights is 0, so that the loss is undefined.
    """
    if weight == 0:
        raise DataError(NOTHING_COUNTS)
    return total / weight


def logits_of(learner: Learner, dataset: Dataset) -> np.ndarray | WordValues:
    """Return the logits of every example in the dataset's order.

    They are float [examples, outputs], vectors [examples, sequences, hidden], or the logits of every word.
    """
    answers = _Answers(dataset)
    for batch in evaluation_batches(dataset):
        answers.add(batch, finite_outputs(learner, batch, Want(logits=True)).logits)
    return answers.in_order()


def in_order(parts: list[np.ndarray], ids: list[np.ndarray]) -> np.ndarray:
    """Return the rows of all parts, [examples, ...], each at the index in `ids`.

    Args:
        parts: one array per batch, [examples of the batch, ...].
        ids: one array per batch, int [examples of the batch], from 0.
    """
    rows = np.concatenate(parts)
    ordered = np.empty_like(rows)
    ordered[np.concatenate(ids)] = rows
    return ordered


class _Answers:
    """Collects the logits of a dataset's examples, or of their words, batch by batch."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._counts = np.ones(len(dataset), np.int64) if dataset.words is None else dataset.words.counts
        self._starts = group_starts(self._counts)
        self._values: np.ndarray | None = None

    def add(self, batch: Batch, logits: np.ndarray | None) -> None:
        if logits is None:
            raise TypeError("the backend did not return the requested logits")
        ids = batch.example_ids
        # The logits of padding, and of tokens that are not the first of a word, are dropped.
        of_words = self._dataset.words is not None
        said = self._dataset.of_words(ids, logits).values if of_words else _by_example(logits, batch.examples)
        if self._values is None:
            self._values = np.empty((int(self._counts.sum()), *said.shape[1:]), said.dtype)
        self._values[ranges(self._starts[ids], self._counts[ids])] = said

    def in_order(self) -> np.ndarray | WordValues:
        if self._values is None:
            raise TypeError("there are no examples")
        words = self._dataset.words
        return self._values if words is None else WordValues(self._values, words.whole().counts)


def _by_example(logits: np.ndarray, examples: int) -> np.ndarray:
    """Return logits [examples, outputs] unchanged, and vectors [sequences, hidden] by example."""
    return logits if len(logits) == examples else logits.reshape(examples, -1, logits.shape[-1])
