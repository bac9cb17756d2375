"""The loss references against torch's own losses and against finite differences."""

import numpy as np
import pytest
import torch
from given_arrays import reference, weight
from torch.nn import functional

from ftcore.contract.losses import LOSSES, BinaryCrossEntropy, CrossEntropy, Huber, MeanAbsoluteError, MeanSquaredError
from ftcore.contract.seeds import generator

EXAMPLES, OUTPUTS = 7, 4
WEIGHTS = np.asarray([1.0, 0.5, 2.0, 0.0, 1.0, 4.0, 0.25], dtype=np.float32)
PER_OUTPUT = (0.5, 2.0, 1.0, 3.0)

DEFINITIONS = [
    CrossEntropy(),
    CrossEntropy(label_smoothing=0.2),
    CrossEntropy(class_weights=PER_OUTPUT),
    CrossEntropy(label_smoothing=0.1, class_weights=PER_OUTPUT),
    BinaryCrossEntropy(),
    BinaryCrossEntropy(positive_weights=PER_OUTPUT),
    MeanSquaredError(),
    MeanAbsoluteError(),
    Huber(),
    Huber(delta=0.3),
]


def _torch_losses(loss, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the loss of each example, unreduced, as torch defines it: float64 [examples]."""
    per_output = torch.tensor(PER_OUTPUT, dtype=torch.float64)
    if isinstance(loss, CrossEntropy):
        per_class = per_output if loss.class_weights else None
        return functional.cross_entropy(
            logits, labels, per_class, reduction="none", label_smoothing=loss.label_smoothing
        )
    if isinstance(loss, BinaryCrossEntropy):
        positive = per_output if loss.positive_weights else None
        found = functional.binary_cross_entropy_with_logits(logits, labels, pos_weight=positive, reduction="none")
    elif isinstance(loss, Huber):
        found = functional.huber_loss(logits, labels, reduction="none", delta=loss.delta)
    else:
        function = functional.mse_loss if isinstance(loss, MeanSquaredError) else functional.l1_loss
        found = function(logits, labels, reduction="none")
    return found.sum(dim=1)


def _draw(loss, scale: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    draws = generator(0, "tests", loss.name)
    logits = scale * draws.standard_normal((EXAMPLES, OUTPUTS))
    if isinstance(loss, CrossEntropy):
        return logits, draws.integers(0, OUTPUTS, size=EXAMPLES).astype(np.int32)
    if isinstance(loss, BinaryCrossEntropy):
        return logits, draws.integers(0, 2, size=logits.shape).astype(np.float32)
    return logits, (logits + draws.standard_normal(logits.shape)).astype(np.float32)


def _as_torch(labels: np.ndarray) -> torch.Tensor:
    return torch.tensor(labels, dtype=torch.long if labels.dtype == np.int32 else torch.float64)


def test_every_registered_loss_is_tested_here() -> None:
    elsewhere = {"multiple-negatives-ranking", "cosine-similarity", "triplet", "answer-span"}  # in modules beside
    assert {loss.name for loss in DEFINITIONS} | elsewhere == LOSSES.keys()


@pytest.mark.parametrize("scale", [2.0, 300.0])
@pytest.mark.parametrize("loss", DEFINITIONS, ids=str)
def test_total_and_gradient_are_those_of_torch(loss, scale) -> None:
    logits, labels = _draw(loss, scale)
    found = reference(loss, logits, labels, WEIGHTS)
    scores = torch.tensor(logits, requires_grad=True)
    total = (_torch_losses(loss, scores, _as_torch(labels)) * torch.from_numpy(WEIGHTS)).sum()
    total.backward()
    assert found.total == pytest.approx(total.item(), rel=1e-13)
    np.testing.assert_allclose(found.gradient, scores.grad.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("loss", DEFINITIONS, ids=str)
def test_gradient_is_the_derivative_of_the_total(loss) -> None:
    logits, labels = _draw(loss)
    gradient = reference(loss, logits, labels, WEIGHTS).gradient
    step = 1e-6
    for place in np.ndindex(logits.shape):
        higher, lower = logits.copy(), logits.copy()
        higher[place] += step
        lower[place] -= step
        difference = reference(loss, higher, labels, WEIGHTS).total - reference(loss, lower, labels, WEIGHTS).total
        assert gradient[place] == pytest.approx(difference / (2 * step), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("loss", DEFINITIONS, ids=str)
def test_total_over_weight_is_torchs_mean(loss) -> None:
    logits, labels = _draw(loss)
    ones = np.ones(EXAMPLES, dtype=np.float32)
    mean = reference(loss, logits, labels, ones).total / weight(loss, labels, ones)
    scores, targets = torch.tensor(logits), _as_torch(labels)
    per_output = torch.tensor(PER_OUTPUT, dtype=torch.float64)
    if isinstance(loss, CrossEntropy):
        per_class = per_output if loss.class_weights else None
        wanted = functional.cross_entropy(scores, targets, per_class, label_smoothing=loss.label_smoothing)
    else:
        wanted = _torch_losses(loss, scores, targets).sum() / scores.numel()
    assert mean == pytest.approx(wanted.item(), rel=1e-13)


@pytest.mark.parametrize("loss", DEFINITIONS, ids=str)
def test_an_example_of_weight_two_counts_as_two_examples(loss) -> None:
    logits, labels = _draw(loss)
    twice = np.ones(EXAMPLES, dtype=np.float32)
    twice[0] = 2.0
    found = reference(loss, logits, labels, twice)
    logits_again, labels_again = np.concatenate([logits, logits[:1]]), np.concatenate([labels, labels[:1]])
    ones = np.ones(EXAMPLES + 1, dtype=np.float32)
    assert found.total == pytest.approx(reference(loss, logits_again, labels_again, ones).total, rel=1e-13)
    assert weight(loss, labels, twice) == pytest.approx(weight(loss, labels_again, ones), rel=1e-13)


def test_absolute_error_at_its_kink_has_derivative_zero() -> None:
    found = reference(MeanAbsoluteError(), np.zeros((1, 1)), np.zeros((1, 1), np.float32), np.ones(1, np.float32))
    assert (found.total, found.gradient.tolist()) == (0.0, [[0.0]])


def test_huber_is_smooth_where_it_turns_linear() -> None:
    loss, labels, ones = Huber(delta=0.5), np.zeros((3, 1), np.float32), np.ones(3, np.float32)
    found = reference(loss, np.asarray([[0.5 - 1e-9], [0.5], [0.5 + 1e-9]]), labels, ones)
    np.testing.assert_allclose(found.gradient, 0.5, rtol=1e-8)
    assert found.total == pytest.approx(3 * 0.125, rel=1e-8)
