"""Measures the errors between two networks at each place, in the order of the computation."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ftcore.conformance import absolute, relative
from ftcore.contract.network import Network, Parameter
from ftcore.difference.places import places_of

SMALL = 1e-2
"""The error of a gradient is relative to its norm, but at least to this fraction of the largest norm in its place. A
gradient that is zero in exact arithmetic (of a key's bias, on which softmax does not depend) is only rounding on both
sides, measured as 1e-8 of the largest in float32 and 2e-17 in float64."""

ArraysByName = Mapping[str, np.ndarray]
"""Arrays by name, each of its own shape: the arrays of a side, as in `ftcore.difference.child.compute`."""


@dataclass(frozen=True)
class ValueDifference:
    """A parameter, or a buffer, whose values differ.

    Attributes:
        path, name: the canonical name, and the name in the first model's files.
        place: the place that it belongs to.
        error: relative L2 error.
        largest: the largest absolute difference.
        differing, values: how many numbers differ, and how many there are.
    """

    path: str
    name: str
    place: str
    error: float
    largest: float
    differing: int
    values: int


@dataclass(frozen=True)
class GradientError:
    """The error between the two gradients of a parameter.

    Attributes:
        path, name: the canonical name, and the name in the first model's files.
        error: L2 error, relative to the gradient's norm or to SMALL of the largest norm in its place if that is more.
    """

    path: str
    name: str
    error: float


@dataclass(frozen=True)
class PlaceDifference:
    """One place of the computation.

    Attributes:
        place: "embeddings", "block 0" and so on, "pooled", "logits", "loss" (`ftcore.difference.places`).
        output: relative L2 error of its output.
        gradients: the error of each parameter that it reads.
    """

    place: str
    output: float
    gradients: tuple[GradientError, ...]

    @property
    def worst(self) -> GradientError | None:
        """The gradient with the largest error; None if there are no parameters."""
        return max(self.gradients, key=lambda gradient: gradient.error, default=None)


def measure_rows(network: Network, first: ArraysByName, second: ArraysByName) -> tuple[PlaceDifference, ...]:
    """Return every place with its errors.

    Args:
        network: the first network.
        first: arrays of the reference, as ftcore.difference.child writes them.
        second: arrays of the other network.
    """
    trained = {parameter.name for parameter in network.parameters}
    rows = []
    for place in places_of(network):
        parameters = [item for item in place.tensors if item.name in trained]
        error = _error(first[place.output], second[place.output])
        rows.append(PlaceDifference(place.name, error, tuple(_gradients(parameters, first, second))))
    return tuple(rows)


def different_values(
    network: Network, first: ArraysByName, second: ArraysByName, precision: str
) -> tuple[ValueDifference, ...]:
    """Return every parameter and buffer that differs in the given precision, in the order of the network.

    Args:
        network: the first network.
        first: values of the reference by checkpoint name, in their stored types.
        second: values of the other network.
        precision: the precision of the computation.
    """
    found = []
    for place in places_of(network):
        for item in place.tensors:
            one, other = (side[item.name].astype(precision) for side in (first, second))
            if differing := int((one != other).sum()):
                largest = _finite(float(np.abs(one - other).max()))
                error = _error(one, other)
                found.append(ValueDifference(item.path, item.name, place.name, error, largest, differing, one.size))
    return tuple(found)


def _gradients(parameters: list[Parameter], first: ArraysByName, second: ArraysByName) -> Iterator[GradientError]:
    pairs = {item: _pair(item, first, second) for item in parameters}
    largest = max((float(np.linalg.norm(wanted)) for wanted, _ in pairs.values()), default=0.0)
    for item, (wanted, found) in pairs.items():
        yield GradientError(item.path, item.name, _gradient_error(wanted, found, SMALL * largest))


def _gradient_error(wanted: np.ndarray, found: np.ndarray, least: float) -> float:
    size, off = max(float(np.linalg.norm(wanted)), least), absolute(found, wanted)
    return _finite(off / size) if size else (math.inf if off else 0.0)


def _pair(item: Parameter, first: ArraysByName, second: ArraysByName) -> tuple[np.ndarray, np.ndarray]:
    """Return both gradients; zeros for a parameter that the loss does not depend on."""
    key = f"gradient/{item.path}"
    one, other = (side[key] if key in side else np.zeros(item.shape) for side in (first, second))
    return one, other


def _error(wanted: np.ndarray, found: np.ndarray) -> float:
    return _finite(relative(found, wanted))


def _finite(error: float) -> float:
    """Return an error, or infinity if it is NaN: NaN agrees with nothing."""
    return math.inf if math.isnan(error) else error
