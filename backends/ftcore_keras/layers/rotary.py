"""Implements rotary positions, which rotate pairs of channels of queries and keys by position."""

from keras import ops

from ftcore.contract.network import Rotary
from ftcore_keras.layers.functions import Tensor, split

Rotation = tuple[Tensor, Tensor]
"""Cosine and sine, float [rows or 1, 1, length, pairs]."""


def rotation(rotary: Rotary, position_ids: Tensor, dtype: str) -> Rotation:
    """Return the rotation of int positions [rows or 1, length]; the angles are at least float32."""
    computed = "float64" if dtype == "float64" else "float32"
    frequencies = ops.convert_to_tensor(rotary.frequencies, dtype=computed)
    angles = ops.cast(position_ids, computed)[:, None, :, None] * frequencies
    return ops.cast(ops.cos(angles) * rotary.scale, dtype), ops.cast(ops.sin(angles) * rotary.scale, dtype)


def turned(values: Tensor, rotation: Rotation, pairs: int) -> Tensor:
    """Return values [rows, heads, length, channels] rotated; channels beyond 2 * pairs are unchanged."""
    cosine, sine = rotation
    channels = values.shape[-1]
    first, second, rest = split(values, [pairs, pairs, channels - 2 * pairs])
    return ops.concatenate([first * cosine - second * sine, second * cosine + first * sine, rest], axis=-1)
