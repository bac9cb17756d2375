"""Draws new parameters, with the same values for every backend."""

from collections.abc import Iterable

import numpy as np

from ftcore.contract import seeds
from ftcore.contract.network import Architecture, Parameter, TokenBody


def draw(parameter: Parameter, initializer_range: float, seed: int) -> np.ndarray:
    """Return a new parameter's values, float32 (int64 for a count) of its shape, drawn from the seed and its name.

    Args:
        parameter: its name, shape and kind of initial values.
        initializer_range: standard deviation of "normal", unless the parameter has its own.
        seed: seed of the run.
    """
    if parameter.initial == "zeros":
        return np.zeros(parameter.shape, np.int64 if parameter.role == "count" else np.float32)
    if parameter.initial == "ones":
        return np.ones(parameter.shape, np.float32)
    if parameter.initial == "sinusoidal":
        return sinusoidal(*parameter.shape)
    generator = seeds.generator(seed, "parameter", parameter.name)
    if parameter.initial == "uniform":
        return generator.uniform(-parameter.bound, parameter.bound, parameter.shape).astype(np.float32)
    deviation = initializer_range if parameter.deviation is None else parameter.deviation
    values = generator.standard_normal(parameter.shape, dtype=np.float32) * np.float32(deviation)
    if parameter.zero_row is not None:
        values[parameter.zero_row] = 0.0
    return values


def sinusoidal(positions: int, channels: int) -> np.ndarray:
    """Return sines, then cosines, of each position, float32 [positions, channels] (Vaswani et al. 2017, section 3.5).

    As in Marian and transformers, the cosines follow all the sines and do not alternate with them.
    """
    sines = (channels + 1) // 2
    periods = np.power(10000.0, 2 * (np.arange(channels) // 2) / channels)
    angles = np.arange(positions)[:, None] / periods
    table = np.empty((positions, channels), np.float32)
    table[:, :sines], table[:, sines:] = np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])
    return table


def drawn_tensors(parameters: Iterable[Parameter], architecture: Architecture, seed: int) -> dict[str, np.ndarray]:
    """Return new values of parameters and buffers by name, each of its own shape.

    Args:
        parameters: the parameters to draw.
        architecture: architecture of their network.
        seed: seed of the run.
    """
    # Bodies that read no tokens do not use it.
    scale = architecture.body.initializer_range if isinstance(architecture.body, TokenBody) else 0.0
    return {parameter.name: draw(parameter, scale, seed) for parameter in parameters}
