"""Defines the optimizers Adam and AdamW."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Interval

from ftcore.contract.optimizers.base import Carrier, State


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1), as torch.optim.Adam computes it.

    Weight decay is coupled: g = gradient + weight_decay * parameter. The moments are bias-corrected, and epsilon is
    added to the square root of the corrected second moment:
    parameter -= learning_rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).

    Attributes:
        learning_rate: Peak learning rate, which the schedule multiplies by its factor.
        beta1: Decay rate of the first moment.
        beta2: Decay rate of the second moment.
        epsilon: Added to the square root of the bias-corrected second moment.
        weight_decay: Coefficient of the L2 term weight_decay * parameter, which is added to the gradient.
        decay_biases_and_norms: Whether weight decay also applies to biases and norms, not only weights and embeddings.
    """

    name: ClassVar[str] = "adam"
    slots: ClassVar[tuple[str, ...]] = ("first_moment", "second_moment")
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    beta1: Annotated[float, Interval(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Interval(ge=0, lt=1)] = 0.999
    epsilon: Annotated[float, Gt(0)] = 1e-8
    weight_decay: Annotated[float, Ge(0)] = 0.0
    decay_biases_and_norms: bool = False

    def untouched(self, learning_rate: float, decays: bool) -> float | None:
        """Return 1; None with weight decay, which is part of the gradient here."""
        return None if decays and self.weight_decay else 1.0

    def init(self, parameter: np.ndarray) -> State:
        """Return zero moments, float64 in the parameter's own shape."""
        return {slot: np.zeros_like(parameter, dtype=np.float64) for slot in self.slots}

    @property
    def carrier(self) -> Carrier:
        """The first moment."""
        return Carrier("first_moment", self.beta1, 1.0 - self.beta1)

    def update(
        self, parameter: np.ndarray, gradient: np.ndarray, state: State, learning_rate: float, step: int, decays: bool
    ) -> tuple[np.ndarray, State]:
        """Return the parameter and state after one step; see `Optimizer.update`."""
        gradient = self._with_decay(gradient, parameter, decays)
        after = {
            "first_moment": self.beta1 * state["first_moment"] + (1.0 - self.beta1) * gradient,
            "second_moment": self.beta2 * state["second_moment"] + (1.0 - self.beta2) * gradient**2,
        }
        return self.moved(parameter, state, after, learning_rate, step, decays), after

    def moved(
        self, parameter: np.ndarray, before: State, after: State, learning_rate: float, step: int, decays: bool
    ) -> np.ndarray:
        """Return the parameter after a step, given the state after it; see `Optimizer.moved`."""
        root = np.sqrt(after["second_moment"])
        root /= (1.0 - self.beta2**step) ** 0.5
        root += self.epsilon
        direction = after["first_moment"] / root
        direction *= learning_rate / (1.0 - self.beta1**step)
        return parameter - direction

    def _with_decay(self, gradient: np.ndarray, parameter: np.ndarray, decays: bool) -> np.ndarray:
        return gradient + self.weight_decay * parameter if decays else gradient


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), as torch.optim.AdamW computes it.

    First parameter *= 1 - learning_rate * weight_decay, then Adam's step with the gradient alone.

    Attributes:
        weight_decay: Decay coefficient: each step first multiplies a parameter by 1 - learning_rate * weight_decay.
    """

    name: ClassVar[str] = "adamw"
    weight_decay: Annotated[float, Ge(0)] = 0.01

    def untouched(self, learning_rate: float, decays: bool) -> float | None:
        """Return the factor of one step's decay."""
        return 1.0 - learning_rate * self.weight_decay if decays else 1.0

    def moved(
        self, parameter: np.ndarray, before: State, after: State, learning_rate: float, step: int, decays: bool
    ) -> np.ndarray:
        """Return the parameter after a step, given the state after it; see `Optimizer.moved`."""
        if decays:
            parameter = parameter * (1.0 - learning_rate * self.weight_decay)
        return super().moved(parameter, before, after, learning_rate, step, decays)

    def _with_decay(self, gradient: np.ndarray, parameter: np.ndarray, decays: bool) -> np.ndarray:
        return gradient
