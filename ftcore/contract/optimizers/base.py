"""What every optimizer is: a frozen definition with init and update in float64 NumPy."""

from typing import ClassVar, Protocol

import numpy as np

State = dict[str, np.ndarray]
"""The arrays of one parameter by slot: float64, each of its shape."""


class Optimizer(Protocol):
    """An optimizer as every backend must compute it: explicit state, one update a parameter.

    Weight decay is applied by `update` only where `decays` is true; the core decides that by a
    parameter's role (biases and norms are exempt unless the spec says otherwise).
    """

    name: ClassVar[str]
    slots: ClassVar[tuple[str, ...]]

    @property
    def learning_rate(self) -> float:
        """The peak, which the schedule scales."""
        ...

    @property
    def weight_decay(self) -> float:
        """0 for none."""
        ...

    @property
    def decay_biases_and_norms(self) -> bool:
        """Whether decay is for every parameter."""
        ...

    def untouched(self, learning_rate: float, decays: bool) -> float | None:
        """Return what a step multiplies a parameter by whose gradients have all been zero; None: it is no product."""
        ...

    def init(self, parameter: np.ndarray) -> State:
        """Return the state of one parameter before the first step: for each slot zeros of the parameter's own shape."""
        ...

    def update(
        self, parameter: np.ndarray, gradient: np.ndarray, state: State, learning_rate: float, step: int, decays: bool
    ) -> tuple[np.ndarray, State]:
        """Return the parameter and state after one step, of the same shapes.

        Args:
            parameter: float64, any shape.
            gradient: float64, the same shape, already clipped.
            state: as `init` or the last `update` gave it.
            learning_rate: of this step.
            step: 1 for the first update.
            decays: whether weight decay is for this parameter.
        """
        ...
