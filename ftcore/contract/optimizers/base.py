"""Defines the protocol of an optimizer: a frozen definition with `init` and `update` in float64 NumPy."""

from typing import ClassVar, Protocol

import numpy as np

State = dict[str, np.ndarray]
"""Optimizer state of one parameter by slot: float64 arrays, each in its shape."""


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
