"""The loss of an answer's first and last token, against transformers' own and finite differences."""

import numpy as np
import pytest
import torch
from given_arrays import reference, weight
from transformers.loss.loss_utils import ForQuestionAnsweringLoss

from ftcore.contract.losses import AnswerSpan
from ftcore.contract.seeds import generator

ROWS, LENGTH = 3, 5
WEIGHTS = np.asarray([1.0, 0.25, 2.0], dtype=np.float32)


def _padded(lengths: tuple[int, ...] = (LENGTH,) * ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Return logits float64 [rows, length, 2] and the labels of answers, int32 [rows, 2 + length]."""
    draws = generator(0, "tests", "answer span")
    logits = 2.0 * draws.standard_normal((ROWS, LENGTH, 2))
    answers = np.sort(draws.integers(0, min(lengths), (ROWS, 2)), axis=1)
    tokens = np.arange(LENGTH)
    places = np.where(tokens < np.asarray(lengths)[:, None], np.arange(ROWS)[:, None] * LENGTH + tokens, -1)
    return logits, np.concatenate([answers, places], axis=1).astype(np.int32)


@pytest.mark.parametrize("scale", [1.0, 150.0])
def test_without_padding_it_is_that_of_transformers(scale: float) -> None:
    logits, labels = _padded()
    given = torch.tensor(logits * scale, requires_grad=True)
    starts, ends = (torch.tensor(labels[:, side]).long() for side in (0, 1))
    wanted = ForQuestionAnsweringLoss(given[..., 0], given[..., 1], starts, ends)
    wanted.backward()
    ones = np.ones(ROWS, np.float32)
    found = reference(AnswerSpan(), logits * scale, labels, ones)
    total_weight = weight(AnswerSpan(), labels, ones)
    assert found.total / total_weight == pytest.approx(wanted.item(), rel=1e-12)
    np.testing.assert_allclose(found.gradient / total_weight, given.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_with_padding_each_sequence_is_that_of_transformers_alone() -> None:
    lengths = (5, 2, 4)
    logits, labels = _padded(lengths)
    logits[1, 2:] = 1e9
    found, total = reference(AnswerSpan(), logits, labels, WEIGHTS), 0.0
    for row, length in enumerate(lengths):
        scores = torch.tensor(logits[row : row + 1, :length])
        starts, ends = (torch.tensor(labels[row : row + 1, side]).long() for side in (0, 1))
        total += WEIGHTS[row] * ForQuestionAnsweringLoss(scores[..., 0], scores[..., 1], starts, ends).item()
    assert found.total == pytest.approx(total, rel=1e-12)
    assert (found.gradient[1, 2:] == 0).all()
    assert weight(AnswerSpan(), labels, WEIGHTS) == pytest.approx(3.25)


def test_a_packed_row_is_its_sequences_apart() -> None:
    logits, labels = _padded()
    order = np.array([2, 0, 1])
    packed = logits[order].reshape(1, ROWS * LENGTH, 2)
    moved = labels.copy()
    for row in range(ROWS):
        moved[row, 2:] = list(order).index(row) * LENGTH + np.arange(LENGTH)
    found, wanted = reference(AnswerSpan(), packed, moved, WEIGHTS), reference(AnswerSpan(), logits, labels, WEIGHTS)
    assert found.total == pytest.approx(wanted.total, rel=1e-14)
    np.testing.assert_allclose(found.gradient.reshape(ROWS, LENGTH, 2), wanted.gradient[order], rtol=1e-14)


def test_the_gradient_is_that_of_finite_differences() -> None:
    logits, labels = _padded((5, 2, 4))
    gradient, step = reference(AnswerSpan(), logits, labels, WEIGHTS).gradient, 1e-6
    for place in np.ndindex(logits.shape):
        higher, lower = logits.copy(), logits.copy()
        higher[place] += step
        lower[place] -= step
        totals = [reference(AnswerSpan(), one, labels, WEIGHTS).total for one in (higher, lower)]
        assert gradient[place] == pytest.approx((totals[0] - totals[1]) / (2 * step), abs=1e-7)
