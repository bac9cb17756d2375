"""Builds the batches and steps of the conformance cases."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ftcore.conformance.draws import SEED
from ftcore.contract import Batch, Step
from ftcore.contract.losses import Loss
from ftcore.contract.seeds import generator
from ftcore.data import sequences_of_rows


def tokens(lengths: Sequence[int], padded: int, vocabulary: int, labels: np.ndarray, *purpose: str | int) -> Batch:
    """Return a token batch whose rows have these lengths; tokens do not depend on `padded`.

    Args:
        lengths: real tokens of each sequence; twice as many as labels means two sequences per example.
        padded: columns of the arrays.
        vocabulary: tokens are drawn from 1 ... vocabulary - 1; 0 is the padding.
        labels: the targets, [examples] or [examples, ...].
        purpose: key of the random draw.
    """
    draws = generator(SEED, "conformance", "tokens", *purpose)
    shape = (len(lengths), padded)
    token_ids, types, mask = (np.zeros(shape, dtype=np.int32) for _ in range(3))
    for row, length in enumerate(lengths):
        token_ids[row, :length] = draws.integers(1, vocabulary, size=length)
        types[row, length // 2 : length] = 1
        mask[row, :length] = 1
    return Batch(
        inputs={"input_ids": token_ids, "attention_mask": mask, "token_type_ids": types},
        targets={"labels": labels},
        weights=np.ones(len(labels), dtype=np.float32),
        example_ids=np.arange(len(labels), dtype=np.int64),
        tokens=int(mask.sum()),
    )


def without_padding_token(ids: np.ndarray, mask: np.ndarray, padding: int) -> np.ndarray:
    """Return ids from `tokens`, int32 [sequences, length], with the padding token at padding and nowhere else.

    Args:
        ids: int32 [sequences, length], drawn from 1 up.
        mask: int32 [sequences, length], 1 where a token is real.
        padding: id of the padding token.
    """
    # Ids up to the padding token are reduced by one, so that it does not occur, but 0 does.
    return np.where(mask == 1, np.where(ids <= padding, ids - 1, ids), padding).astype(np.int32)


def answers(mask: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    """Return the labels of the loss of answers for padded sequences, each with a random answer.

    Args:
        mask: int32 [sequences, length], 1 at real tokens, which come first.
        draws: gives the first and the last token of each answer.

    Returns:
        int32 [sequences, 2 + length], as `ftcore.contract.losses.AnswerSpan` reads them.
    """
    lengths = mask.sum(axis=1)
    ends = [np.sort(draws.integers(0, length, size=2)) for length in lengths]
    places = np.where(mask == 1, np.arange(mask.size).reshape(mask.shape), -1)
    return np.concatenate([ends, places], axis=1).astype(np.int32)


def packed(batch: Batch, width: int) -> Batch:
    """Return a padded token batch with several sequences per row, those with odd numbers before the others.

    So they are not in order, and the two sequences of an example are not next to each other.

    Args:
        batch: a batch by `tokens`.
        width: columns of the arrays, at least the longest sequence.
    """
    lengths = batch.inputs["attention_mask"].sum(axis=1, dtype=np.int32)
    starts, rows = _next_fit(lengths, width)
    names = ("input_ids", "token_type_ids", "position_ids")
    inputs = {name: np.zeros((rows, width), dtype=np.int32) for name in names}
    segments = np.full((rows, width), len(lengths), dtype=np.int32)
    for sequence, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        slots = slice(start, start + length)
        for name in ("input_ids", "token_type_ids"):
            inputs[name].ravel()[slots] = batch.inputs[name][sequence, :length]
        inputs["position_ids"].ravel()[slots] = np.arange(length)
        segments.ravel()[slots] = sequence
    inputs |= {"segment_ids": segments, "starts": starts, "lengths": lengths}
    return replace(batch, inputs={**inputs, "sequences": sequences_of_rows(starts, rows, width)})


def _next_fit(lengths: np.ndarray, width: int) -> tuple[np.ndarray, int]:
    """Return the position of each sequence in the concatenated rows, int32 [sequences], and the number of rows."""
    starts, free = np.empty(len(lengths), dtype=np.int32), 0
    for sequence in (*range(1, len(lengths), 2), *range(0, len(lengths), 2)):
        if free % width + lengths[sequence] > width:
            free = -(-free // width) * width
        starts[sequence] = free
        free += int(lengths[sequence])
    return starts, -(-free // width)


def features(values: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None) -> Batch:
    """Return a batch of given features.

    Args:
        values: float [examples, size].
        labels: the targets, [examples] or [examples, outputs].
        weights: float32 [examples]; None for 1 each.
    """
    examples = len(labels)
    return Batch(
        inputs={"features": values},
        targets={"labels": labels},
        weights=np.ones(examples, dtype=np.float32) if weights is None else weights,
        example_ids=np.arange(examples, dtype=np.int64),
    )


def step(loss: Loss, batches: Sequence[Batch], index: int = 1, learning_rate: float = 0.1) -> Step:
    """Return the step of a global batch, with the total weight that the core computes."""
    total = sum(loss.weight(part) for part in batches)
    return Step(index, batches, total, learning_rate)
