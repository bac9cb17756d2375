"""Denormal numbers are 0 within a learner's calls, and the caller's arithmetic is as it was."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from ftcore.contract import Batch, Learner, Program, Step, Want
from ftcore.contract.discovery import load
from ftcore.contract.losses import MeanSquaredError
from ftcore.contract.network import Module
from ftcore.contract.optimizers import SGD


class Halved(torch.nn.Module):
    """Notes what the half of the smallest normal number is while it computes."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(1))
        self.halves: list[float] = []

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        self.halves.append(float(torch.tensor(np.finfo(np.float32).tiny) / 2.0))
        return values * self.scale


def denormals_are_numbers() -> bool:
    return sys.float_info.min / 2.0 != 0.0


@pytest.fixture
def flushing_caller() -> Iterator[None]:
    torch.set_flush_denormal(True)
    yield
    torch.set_flush_denormal(False)


def used(module: Halved) -> Learner:
    """Return a learner of the module after one call of each kind."""
    values = np.ones((2, 1), dtype=np.float32)
    batch = Batch({"inputs": values}, {"labels": values}, np.ones(2, dtype=np.float32), np.arange(2))
    step = Step(1, [batch], 2.0, 0.1)
    learner = load("torch").build(Program(Module(module), MeanSquaredError(), SGD()))
    learner.train_step(step)
    learner.gradients(step)
    learner.forward(batch, Want())
    return learner


def test_a_learner_flushes_and_its_caller_does_not() -> None:
    module = Halved()
    used(module)
    assert module.halves == [0.0, 0.0, 0.0]
    assert denormals_are_numbers()


def test_a_caller_that_flushes_goes_on_so(flushing_caller: None) -> None:
    used(Halved())
    assert not denormals_are_numbers()


def test_an_error_gives_the_mode_back() -> None:
    class Broken(Halved):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        used(Broken())
    assert denormals_are_numbers()
