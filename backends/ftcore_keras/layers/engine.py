"""Defines the operations that layers need from Keras's engine, because keras.ops lacks them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ftcore_keras.layers.functions import Tensor

State = tuple[Tensor, ...]
"""State of a recurrence between steps, float [rows, size] each; the first tensor is the step's output."""
Advance = Callable[[Tensor, State], State]
"""Maps the inputs of a step, [rows, channels], and the state before to the state after."""


class Engine(Protocol):
    """A framework under keras.ops. Every operation has a gradient, unless stated otherwise.

    The layers receive it as a value, in `ftcore_keras.layers.precision.Types`: there is no global engine.
    """

    def shaped(self, values: Tensor, shape: Sequence[int | None]) -> Tensor:
        """Return the same values with this static shape; None is a dimension that stays open.

        It tells an engine that traces for open shapes what a layer needs to know. Values of another shape raise the
        engine's own error.
        """
        ...

    def add_bias(self, values: Tensor, bias: Tensor) -> Tensor:
        """Return values [..., channels] with bias [channels] added.

        Its gradient is a sum over all axes but the channels; an engine may have an operation for it.
        """
        ...

    def convolution(self, values: Tensor, kernel: Tensor, stride: int, border: int) -> Tensor:
        """Return a convolution of images with zeros around them, `border` on each side.

        Args:
            values: float [examples, width, height, inputs].
            kernel: float [window width, window height, inputs, outputs].
            stride: stride in both directions.
            border: zeros on each side; `keras.ops.conv` has an even border only at a stride of 1.

        Returns:
            float [examples, width after, height after, outputs]; a size becomes
            (size + 2 * border - window) // stride + 1.
        """
        ...

    def recurrence(self, advance: Advance, start: State, values: Tensor) -> Tensor:
        """Return the output of each step of a loop over time.

        Args:
            advance: maps one step's inputs and the state before to the state after, in the shapes of `start`.
            start: the state before the first step, float [rows, hidden] each.
            values: the inputs, float [length, rows, channels]; the length may be open.

        Returns:
            float [length, rows, hidden], the first tensor of the state after each step.
        """
        ...

    def reversed_within(self, values: Tensor, lengths: Tensor) -> Tensor:
        """Return sequences reversed within their own lengths; padding stays in its place.

        Args:
            values: float [rows, length, channels].
            lengths: int32 [rows].
        """
        ...

    def dropped(self, values: Tensor, rate: float, one: Tensor, other: Tensor) -> Tensor:
        """Return values masked and scaled by 1 / (1 - rate), see `ftcore.contract.dropout.kept`; the gradient also.

        An engine should compute the mask again for the gradient: storing it costs as much memory as the values.

        Args:
            values: float, any shape.
            rate: above 0, below 1.
            one: int32 keys.
            other: int32 keys. Both broadcast to the shape of values; their product overflows as int32 does.
        """
        ...
