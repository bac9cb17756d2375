"""Describes the vectors that a network takes: the number of channels and their standardization."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftcore.contract.network import Architecture, Recurrent
from ftcore.errors import ModelError

STANDARDIZATION = "standardization"
"""The name of the field in ftcore.json."""


@dataclass(frozen=True)
class Standardization:
    """The standardization of channels: the network gets (value - mean) / deviation.

    Attributes:
        mean: the mean of each channel.
        deviation: the standard deviation of each channel, above 0.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


@dataclass(frozen=True)
class VectorInput:
    """The vectors that a network takes.

    Attributes:
        channels: numbers per step.
        standardization: applied to every step; None for none.
    """

    channels: int
    standardization: Standardization | None = None


def vector_input(architecture: Architecture, path: Path, description: Mapping[str, Any]) -> VectorInput:
    """Return the vectors that a network takes.

    Args:
        architecture: the network's architecture.
        path: the path of ftcore.json, for errors.
        description: the content of ftcore.json; {} for a network that is not trained yet.

    Raises:
        TypeError: the network takes no vectors.
        ModelError: the standardization does not fit the network.
    """
    body = architecture.body
    if not isinstance(body, Recurrent) or body.vocabulary is not None:
        raise TypeError(f"{architecture.family} takes no vectors")
    stored = description.get(STANDARDIZATION)
    return VectorInput(body.inputs, None if stored is None else _standardization(stored, path, body.inputs))


def _standardization(stored: object, path: Path, channels: int) -> Standardization:
    fields = stored if isinstance(stored, Mapping) else {}
    mean, deviation = (_numbers(fields.get(name), channels) for name in ("mean", "deviation"))
    if mean is None or deviation is None or min(deviation) <= 0:
        raise ModelError(
            f"{path}: {STANDARDIZATION} must have mean and deviation, each with one number for each of the {channels} "
            "channels; deviations must be above 0"
        )
    return Standardization(mean, deviation)


def _numbers(values: object, count: int) -> tuple[float, ...] | None:
    """Return the values as `count` finite floats, or None if they are something else."""
    if not isinstance(values, list) or len(values) != count or any(type(one) not in (int, float) for one in values):
        return None
    return tuple(map(float, values)) if all(map(math.isfinite, values)) else None
