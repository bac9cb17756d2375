"""Defines the protocol of an optimizer: a frozen definition with `init` and `update` in float64 NumPy."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

State = dict[str, np.ndarray]
"""Optimizer state of one parameter by slot: float64 arrays, each in its shape."""


@dataclass(frozen=True)
class Carrier:
    """The slot in which an optimizer keeps the gradient, so that a step's gradient can be read off its state.

    After a step the slot is kept * before + share * g; g is the clipped gradient, with the L2 term of weight decay if
    the optimizer adds it to the gradient.

    Attributes:
        slot: name of the slot.
        kept: factor of the slot's former value.
        share: factor of g.
    """

    slot: str
    kept: float
    share: float


class Optimizer(Protocol):
    """An optimizer as every backend must compute it: explicit state, one update per parameter.

    `update` applies weight decay only where `decays` is true. The core decides that by the parameter's
    role: biases and norms are exempt unless the spec says otherwise.
    """

    name: ClassVar[str]
    slots: ClassVar[tuple[str, ...]]

    @property
    def learning_rate(self) -> float:
        """Peak learning rate, which the schedule multiplies by its factor."""
        ...

    @property
    def weight_decay(self) -> float:
        """Coefficient of weight decay; 0 for none."""
        ...

    @property
    def decay_biases_and_norms(self) -> bool:
        """Whether weight decay applies to every parameter."""
        ...

    def untouched(self, learning_rate: float, decays: bool) -> float | None:
        """Return a step's factor for a parameter with only zero gradients so far; None if it is no factor."""
        ...

    def init(self, parameter: np.ndarray) -> State:
        """Return the state of one parameter before the first step: zeros in the parameter's own shape for each slot."""
        ...

    @property
    def carrier(self) -> Carrier:
        """The slot that carries the gradient."""
        ...

    def moved(
        self, parameter: np.ndarray, before: State, after: State, learning_rate: float, step: int, decays: bool
    ) -> np.ndarray:
        """Return the parameter after a step, given the state after it; for the shapes and arguments see `update`.

        It computes in the type of the arrays.

        Args:
            parameter: the parameter before the step.
            before: the state before the step.
            after: the state after the step.
            learning_rate: learning rate of this step.
            step: 1 for the first update.
            decays: whether weight decay applies to this parameter.
        """
        ...

    def update(
        self, parameter: np.ndarray, gradient: np.ndarray, state: State, learning_rate: float, step: int, decays: bool
    ) -> tuple[np.ndarray, State]:
        """Return the parameter and state after one step, of the same shapes.

        Args:
            parameter: float64, any shape.
            gradient: float64, the same shape, already clipped.
            state: from `init` or the last `update`.
            learning_rate: learning rate of this step.
            step: 1 for the first update.
            decays: whether weight decay applies to this parameter.
        """
        ...
