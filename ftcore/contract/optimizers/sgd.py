"""Defines stochastic gradient descent with momentum."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Interval

from ftcore.contract.optimizers.base import Carrier, State


@dataclass(frozen=True)
class SGD:
    """Gradient descent with momentum, as torch.optim.SGD defines it (no dampening).

    g = gradient + weight_decay * parameter; m = momentum * m + g;
    direction = g + momentum * m (Nesterov) or m; parameter -= learning_rate * direction.

    Attributes:
        learning_rate: Peak learning rate, which the schedule multiplies by its factor.
        momentum: Factor of the momentum buffer before the new gradient is added to it.
        nesterov: Whether the step uses Nesterov momentum; it needs a momentum above 0.
        weight_decay: Coefficient of the L2 term weight_decay * parameter, which is added to the gradient.
        decay_biases_and_norms: Whether weight decay also applies to biases and norms, not only weights and embeddings.
    """

    name: ClassVar[str] = "sgd"
    slots: ClassVar[tuple[str, ...]] = ("momentum",)
    learning_rate: Annotated[float, Gt(0)] = 1e-2
    momentum: Annotated[float, Interval(ge=0, lt=1)] = 0.0
    nesterov: bool = False
    weight_decay: Annotated[float, Ge(0)] = 0.0
    decay_biases_and_norms: bool = False

    def untouched(self, learning_rate: float, decays: bool) -> float | None:
        """Return 1; None with weight decay, which is part of the gradient here."""
        return None if decays and self.weight_decay else 1.0

    def init(self, parameter: np.ndarray) -> State:
        """Return zero momentum, float64 in the parameter's own shape."""
        return {"momentum": np.zeros_like(parameter, dtype=np.float64)}

    @property
    def carrier(self) -> Carrier:
        """The momentum buffer."""
        return Carrier("momentum", self.momentum, 1.0)

    def update(
        self, parameter: np.ndarray, gradient: np.ndarray, state: State, learning_rate: float, step: int, decays: bool
    ) -> tuple[np.ndarray, State]:
        """Return the parameter and state after one step; see `Optimizer.update`."""
        if decays:
            gradient = gradient + self.weight_decay * parameter
        after = {"momentum": self.momentum * state["momentum"] + gradient}
        return self.moved(parameter, state, after, learning_rate, step, decays), after

    def moved(
        self, parameter: np.ndarray, before: State, after: State, learning_rate: float, step: int, decays: bool
    ) -> np.ndarray:
        """Return the parameter after a step, given the state after it; see `Optimizer.moved`."""
        momentum = after["momentum"]
        if not self.nesterov:
            return parameter - learning_rate * momentum
        gradient = momentum - self.momentum * before["momentum"]
        return parameter - learning_rate * (gradient + self.momentum * momentum)
