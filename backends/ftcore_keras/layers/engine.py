"""What the layers need of the engine that Keras runs on, because keras.ops does not have it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ftcore_keras.layers.functions import Tensor

State = tuple[Tensor, ...]
"""What a recurrence carries from step to step, float [rows, size] each; the first is what a step gives."""
Advance = Callable[[Tensor, State], State]
"""(inputs of a step, [rows, channels]; state before) -> state after."""


class Engine(Protocol):
    """A framework under keras.ops. Every operation has a gradient, unless it says otherwise.

    The layers receive it as a value, in `ftcore_keras.layers.precision.Types`: nothing here is global.
    """

    def shaped(self, values: Tensor, shape: Sequence[int | None]) -> Tensor:
        """Return the same values, of which the engine from here on knows the shape; None is a size that stays open.

        An engine that traces for open shapes learns here what a layer needs to know. Values of another shape raise
        the engine's own error.
        """
        ...

    def add_bias(self, values: Tensor, bias: Tensor) -> Tensor:
        """Return values [..., channels] with bias [channels] added.

        Its gradient is a sum over everything but the channels, which an engine may have an operation for.
        """
        ...

    def convolution(self, values: Tensor, kernel: Tensor, stride: int, border: int) -> Tensor:
        """Return a convolution of images with zeros around them, `border` on each side.

        Args:
            values: float [examples, width, height, inputs].
            kernel: float [window width, window height, inputs, outputs].
            stride: in both directions.
            border: in both directions; `keras.ops.conv` has an even border at a stride of 1 alone.

        Returns:
            float [examples, width after, height after, outputs]; a size becomes
            (size + 2 * border - window) // stride + 1.
        """
        ...

    def recurrence(self, advance: Advance, start: State, values: Tensor) -> Tensor:
        """Return what each step of a loop over time gives.

        Args:
            advance: from one step's inputs and the state before to the state after, of the shapes of `start`.
            start: the state before the first step, float [rows, hidden] each.
            values: the inputs, float [length, rows, channels]; the length may be open.

        Returns:
            float [length, rows, hidden], the first tensor of the state after each step.
        """
        ...

    def reversed_within(self, values: Tensor, lengths: Tensor) -> Tensor:
        """Return sequences turned round within their own lengths; what comes after stays in its place.

        Args:
            values: float [rows, length, channels].
            lengths: int32 [rows].
        """
        ...

    def dropped(self, values: Tensor, rate: float, one: Tensor, other: Tensor) -> Tensor:
        """Return values masked and scaled by 1 / (1 - rate), as `ftcore.contract.dropout.kept` says; the gradient too.

        An engine should draw the mask anew for the gradient: keeping it costs as much memory as the values.

        Args:
            values: float, any shape.
            rate: above 0, below 1.
            one: int32 keys.
            other: int32 keys. Both broadcast to the shape of values; their product overflows as int32 does.
        """
        ...
