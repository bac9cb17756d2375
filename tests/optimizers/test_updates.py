"""The optimizer references against torch.optim, in float64 and step by step."""

import numpy as np
import pytest
import torch

from ftcore.contract.optimizers import OPTIMIZERS, SGD, Adam, AdamW
from ftcore.contract.optimizers.clipping import clip, global_norm
from ftcore.contract.seeds import generator

STEPS = 7

PAIRS = [
    (SGD(), lambda p: torch.optim.SGD(p)),
    (SGD(weight_decay=0.1), lambda p: torch.optim.SGD(p, weight_decay=0.1)),
    (SGD(momentum=0.9, weight_decay=0.1), lambda p: torch.optim.SGD(p, momentum=0.9, weight_decay=0.1)),
    (SGD(momentum=0.8, nesterov=True), lambda p: torch.optim.SGD(p, momentum=0.8, nesterov=True)),
    (Adam(), lambda p: torch.optim.Adam(p)),
    (
        Adam(beta1=0.8, beta2=0.9, epsilon=1e-5, weight_decay=0.1),
        lambda p: torch.optim.Adam(p, betas=(0.8, 0.9), eps=1e-5, weight_decay=0.1),
    ),
    (AdamW(), lambda p: torch.optim.AdamW(p)),
    (AdamW(weight_decay=0.3, epsilon=1e-4), lambda p: torch.optim.AdamW(p, weight_decay=0.3, eps=1e-4)),
]


def test_every_registered_optimizer_is_tested_here() -> None:
    assert {definition.name for definition, _ in PAIRS} == OPTIMIZERS.keys()


@pytest.mark.parametrize("scale", [1.0, 1e-8], ids=["gradients of 1", "gradients of 1e-8"])
@pytest.mark.parametrize(("definition", "build"), PAIRS, ids=lambda value: str(value) if not callable(value) else "")
def test_every_step_is_that_of_torch(definition, build, scale) -> None:
    draws = generator(0, "tests", "optimizers")
    parameter = draws.standard_normal((3, 4))
    tensor = torch.nn.Parameter(torch.tensor(parameter))
    optimizer, state = build([tensor]), definition.init(parameter)
    for step in range(1, STEPS + 1):
        gradient, learning_rate = scale * draws.standard_normal((3, 4)), 0.1 / step
        tensor.grad = torch.tensor(gradient)
        optimizer.param_groups[0]["lr"] = learning_rate
        optimizer.step()
        parameter, state = definition.update(parameter, gradient, state, learning_rate, step, decays=True)
        np.testing.assert_allclose(parameter, tensor.detach().numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    "definition", [SGD(weight_decay=0.5), Adam(weight_decay=0.5), AdamW(weight_decay=0.5)], ids=str
)
def test_an_exempt_parameter_does_not_decay(definition) -> None:
    parameter = np.ones(3)
    moved, _ = definition.update(parameter, np.zeros(3), definition.init(parameter), 0.1, 1, decays=False)
    decayed, _ = definition.update(parameter, np.zeros(3), definition.init(parameter), 0.1, 1, decays=True)
    assert moved.tolist() == [1.0, 1.0, 1.0]
    assert (decayed < 0.96).all()


@pytest.mark.parametrize("definition", [definition for definition, _ in PAIRS], ids=str)
def test_update_leaves_its_arguments_alone(definition) -> None:
    parameter, gradient = np.ones(3), np.full(3, 0.5)
    state = definition.init(parameter)
    definition.update(parameter, gradient, state, 0.1, 1, decays=True)
    assert parameter.tolist() == [1.0] * 3
    assert gradient.tolist() == [0.5] * 3
    assert state.keys() == set(definition.slots)
    assert all((value == 0).all() for value in state.values())


@pytest.mark.parametrize("clip_norm", [0.1, 1.0, 1e6, 1e-6])
def test_clipping_is_that_of_torch(clip_norm) -> None:
    draws = generator(0, "tests", "clipping")
    gradients = {"a": draws.standard_normal((3, 4)), "b": draws.standard_normal(5)}
    tensors = [torch.nn.Parameter(torch.zeros(value.shape, dtype=torch.float64)) for value in gradients.values()]
    for tensor, value in zip(tensors, gradients.values(), strict=True):
        tensor.grad = torch.tensor(value)
    norm = torch.nn.utils.clip_grad_norm_(tensors, clip_norm)
    assert global_norm(gradients) == pytest.approx(norm.item(), rel=1e-14)
    for tensor, value in zip(tensors, clip(gradients, clip_norm).values(), strict=True):
        np.testing.assert_allclose(value, tensor.grad.numpy(), rtol=1e-13)


def test_no_clipping_gives_the_gradients_back() -> None:
    gradients = {"a": np.asarray([3.0, 4.0])}
    assert clip(gradients, None)["a"].tolist() == [3.0, 4.0]
    assert global_norm(gradients) == 5.0
