"""The NumPy reference of a linear network against finite differences of its own loss."""

import numpy as np
import pytest

from ftcore.conformance import batches, linear
from ftcore.contract.losses import CrossEntropy, MeanSquaredError
from ftcore.contract.optimizers import SGD, AdamW
from ftcore.contract.seeds import generator

SIZE, OUTPUTS = 3, 2


def _batch(labels: np.ndarray):
    draws = generator(0, "tests", "linear")
    weights = np.asarray([1.0, 0.5, 2.0, 0.0], dtype=np.float32)
    return batches.features(draws.standard_normal((len(labels), SIZE)), labels, weights)


CASES = [
    (CrossEntropy(), np.asarray([0, 1, 1, 0], dtype=np.int32)),
    (MeanSquaredError(), np.arange(8, dtype=np.float32).reshape(4, OUTPUTS) / 8),
]


@pytest.mark.parametrize(("loss", "labels"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_gradients_are_derivatives_of_the_loss(loss, labels) -> None:
    parameters = linear.parameters(linear.network(SIZE, OUTPUTS), "tests")
    step = batches.step(loss, [_batch(labels), _batch(labels)])
    gradients = linear.Reference(loss, SGD(), parameters).gradients(step)[1]
    assert gradients.keys() == parameters.keys()
    for name, value in parameters.items():
        for place in np.ndindex(value.shape):
            losses = []
            for change in (1e-6, -1e-6):
                moved = {key: array.copy() for key, array in parameters.items()}
                moved[name][place] += change
                losses.append(linear.Reference(loss, SGD(), moved).gradients(step)[0])
            assert gradients[name][place] == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-7, abs=1e-9)


def test_a_saved_state_goes_on() -> None:
    loss, labels = CASES[1]
    parameters = linear.parameters(linear.network(SIZE, OUTPUTS), "tests")
    step = batches.step(loss, [_batch(labels)])
    whole = linear.Reference(loss, AdamW(), parameters)
    for _ in range(4):
        whole.train_step(step)
    half = linear.Reference(loss, AdamW(), parameters)
    for _ in range(2):
        half.train_step(step)
    other = linear.Reference(loss, AdamW(), half.parameters)
    other.load_optimizer_state(half.optimizer_state())
    for _ in range(2):
        other.train_step(step)
    assert all((other.parameters[name] == whole.parameters[name]).all() for name in parameters)
    assert whole.optimizer_state().keys() == {
        "step",
        *(f"{slot}/{name}" for slot in ("first_moment", "second_moment") for name in parameters),
    }
