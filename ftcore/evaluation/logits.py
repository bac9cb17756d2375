"""Evaluation: a whole split through the network, its loss and metrics."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ftcore.contract import Batch, Learner, Want
from ftcore.contract.losses import Loss
from ftcore.data import Dataset, WordValues, evaluation_batches, ranges
from ftcore.observer import RowsDone, nobody

Metrics = Callable[[Any, Any], dict[str, float]]
"""From logits float [examples, outputs] and targets to named numbers; of words from WordValues of both."""


def evaluate(
    learner: Learner, dataset: Dataset, loss: Loss, metrics: Metrics, progress: RowsDone = nobody
) -> dict[str, float]:
    """Return the split's loss (sum of weighted losses / sum of weights) and its metrics.

    Of the network's outputs the logits alone are held, each once: [examples, outputs], or [words, outputs].

    Args:
        learner: the network.
        dataset: the split.
        loss: the loss's definition.
        metrics: from logits and targets to named numbers.
        progress: told how many examples more are done, batch by batch.
    """
    total, weight = 0.0, 0.0
    answers = _Answers(dataset)
    for batch in evaluation_batches(dataset):
        outputs = learner.forward(batch, Want(logits=True, loss=True))
        answers.add(batch, outputs.logits)
        total += outputs.loss or 0.0
        weight += loss.weight(batch)
        progress(batch.examples)
    targets = dataset.targets if dataset.words is None else dataset.words.whole()
    return {"loss": total / (weight or 1.0), **metrics(answers.in_order(), targets)}


def logits_of(learner: Learner, dataset: Dataset) -> np.ndarray | WordValues:
    """Return the logits of every example in the data set's order.

    They are float [examples, outputs], vectors [examples, sequences, hidden], or of every word.
    """
    answers = _Answers(dataset)
    for batch in evaluation_batches(dataset):
        answers.add(batch, learner.forward(batch, Want(logits=True)).logits)
    return answers.in_order()


def in_order(parts: list[np.ndarray], ids: list[np.ndarray]) -> np.ndarray:
    """Return the rows of all parts, [examples, ...], put at the places that `ids` tell.

    Args:
        parts: of the batches, [examples of the batch, ...] each.
        ids: int [examples of the batch] each, from 0 up.
    """
    rows = np.concatenate(parts)
    ordered = np.empty_like(rows)
    ordered[np.concatenate(ids)] = rows
    return ordered


class _Answers:
    """What a network says of a data set's examples, or of their words: put at its place batch by batch."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._counts = np.ones(len(dataset), np.int64) if dataset.words is None else dataset.words.counts
        self._starts = np.cumsum(self._counts) - self._counts
        self._values: np.ndarray | None = None

    def add(self, batch: Batch, logits: np.ndarray | None) -> None:
        if logits is None:
            raise TypeError("the backend did not give the logits that were asked for")
        ids = batch.example_ids
        # Of a token that is no word's first, or is padding, nothing is kept.
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
    """Return logits [examples, outputs] as they are, and vectors [sequences, hidden] by example."""
    return logits if len(logits) == examples else logits.reshape(examples, -1, logits.shape[-1])
