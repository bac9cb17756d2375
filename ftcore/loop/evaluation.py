"""Evaluation: a whole split through the network, its loss and metrics."""

import numpy as np

from ftcore.backend import Batch, Learner, Want
from ftcore.data.batches import evaluation_batches
from ftcore.data.dataset import Dataset
from ftcore.losses import Loss
from ftcore.metrics import Metrics
from ftcore.tasks.words import Words


def evaluate(learner: Learner, dataset: Dataset, loss: Loss, metrics: Metrics) -> dict[str, float]:
    """Return the split's loss (sum of weighted losses / sum of weights) and its metrics."""
    total, weight = 0.0, 0.0
    answers = _Answers(dataset)
    for batch in evaluation_batches(dataset):
        outputs = learner.forward(batch, Want(logits=True, loss=True))
        answers.add(batch, outputs.logits)
        total += outputs.loss or 0.0
        weight += loss.weight(batch.targets["labels"], batch.weights)
    targets = dataset.targets if dataset.words is None else dataset.words
    return {"loss": total / (weight or 1.0), **metrics(answers.in_order(), targets)}


def logits_of(learner: Learner, dataset: Dataset) -> np.ndarray | Words:
    """Return the logits of every example in the data set's order.

    They are float [examples, outputs], vectors [examples, sequences, hidden], or of every word.
    """
    answers = _Answers(dataset)
    for batch in evaluation_batches(dataset):
        answers.add(batch, learner.forward(batch, Want(logits=True)).logits)
    return answers.in_order()


def in_order(parts: list[np.ndarray], ids: list[np.ndarray]) -> np.ndarray:
    """Return the rows of all parts, put at the places that `ids` tell."""
    rows = np.concatenate(parts)
    ordered = np.empty_like(rows)
    ordered[np.concatenate(ids)] = rows
    return ordered


class _Answers:
    """What a network says of a data set's examples, or of their words, batch by batch."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._of_examples: list[np.ndarray] = []
        self._of_words: list[np.ndarray] = []
        self._ids: list[np.ndarray] = []

    def add(self, batch: Batch, logits: np.ndarray | None) -> None:
        if logits is None:
            raise TypeError("the backend did not give the logits that were asked for")
        self._ids.append(batch.example_ids)
        if self._dataset.words is None:
            self._of_examples.append(_by_example(logits, batch.examples))
        else:
            # One array a sentence: of a token that is no word's first, or is padding, nothing is kept.
            self._of_words += self._dataset.of_words(batch.example_ids, logits).sentences()

    def in_order(self) -> np.ndarray | Words:
        if self._dataset.words is None:
            return in_order(self._of_examples, self._ids)
        sentences = [self._of_words[place] for place in np.argsort(np.concatenate(self._ids))]
        return Words(np.concatenate(sentences), np.array([len(sentence) for sentence in sentences]))


def _by_example(logits: np.ndarray, examples: int) -> np.ndarray:
    """Return logits [examples, outputs] as they are, and vectors [sequences, hidden] by example."""
    return logits if len(logits) == examples else logits.reshape(examples, -1, logits.shape[-1])
