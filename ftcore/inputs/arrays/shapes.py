"""Checks the names and shapes of ready arrays against a network's inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ftcore.contract.network import Architecture, Features, Recurrent, image_input
from ftcore.errors import ModelError

Shape = tuple[int | None, ...]
"""The shape of one example; None is any length."""
MASK = "attention_mask"
LONE = "inputs"
"""Name of a module's only array, which is passed by position."""


@dataclass(frozen=True)
class ArrayInputs:
    """The inputs that a network takes, and its loss.

    Attributes:
        loss: the loss's name.
        shapes: the shape of each network input by name, the main input first; None for a module, which takes any.
    """

    loss: str
    shapes: Mapping[str, Shape] | None

    def named(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return arrays, each [examples, ...], under the network's names; a single array may have any name.

        Raises:
            ModelError: the network takes other arrays.
        """
        lone = next(iter(arrays.values())) if len(arrays) == 1 else None
        if self.shapes is None:
            return dict(arrays) if lone is None else {LONE: lone}
        main = next(iter(self.shapes))
        found = dict(arrays) if lone is None else {main: lone}
        if main not in found or not set(found) <= set(self.shapes):
            raise ModelError(
                f"the arrays besides the labels are {', '.join(arrays) or 'none'}, but the network takes "
                f"{' and '.join(self.shapes)}"
            )
        for name, array in found.items():
            _check(name, array, self.shapes[name])
        return self._with_mask(found, main)

    def _with_mask(self, arrays: dict[str, np.ndarray], main: str) -> dict[str, np.ndarray]:
        if self.shapes is None or MASK not in self.shapes:
            return arrays
        shape = arrays[main].shape[:2]
        if MASK not in arrays:
            return {**arrays, MASK: np.broadcast_to(np.ones((), np.int32), shape)}
        mask = arrays[MASK]
        if mask.shape != shape:
            raise ModelError(f"{MASK} is {list(mask.shape)}, but must be {list(shape)}, as in {main}")
        if not np.isin(mask, (0, 1)).all() or not mask[:, :1].all() or (mask[:, 1:] > mask[:, :-1]).any():
            raise ModelError(f"{MASK} must be 1 at the steps of each sequence (at least one), then 0 at the padding")
        return {**arrays, MASK: mask.astype(np.int32)}


def array_inputs(architecture: Architecture | None, loss: str) -> ArrayInputs:
    """Return the inputs that a network takes.

    Args:
        architecture: a described network's architecture; None for a user's module.
        loss: the loss's name.

    Raises:
        ModelError: the network reads tokens, which come from texts.
    """
    if architecture is None:
        return ArrayInputs(loss, None)
    body = architecture.body
    if architecture.reads == "images":
        channels, size = image_input(architecture)
        return ArrayInputs(loss, {"pixel_values": (channels, *(size or (None, None)))})
    if isinstance(body, Recurrent) and architecture.reads == "vectors":
        return ArrayInputs(loss, {"values": (None, body.inputs), MASK: (None,)})
    if isinstance(body, Features):
        return ArrayInputs(loss, {"features": (body.size,)})
    raise ModelError(f"the task tensors is for arrays of numbers, but {architecture.family} reads tokens: give texts")


def _check(name: str, array: np.ndarray, shape: Sequence[int | None]) -> None:
    fits = array.ndim == len(shape) + 1 and all(
        wanted in (None, given) for wanted, given in zip(shape, array.shape[1:], strict=True)
    )
    if not fits:
        wanted = ", ".join(["examples", *("any" if one is None else str(one) for one in shape)])
        raise ModelError(f"{name} is {list(array.shape)}, but the network takes [{wanted}]")
    if name != MASK and array.dtype.kind != "f":
        raise ModelError(f"{name} is {array.dtype}, but must be of a floating type: ftcore does not cast arrays")
