"""Draws the parameters that no checkpoint has: the same values for every backend."""

from collections.abc import Iterable

import numpy as np

from ftcore.contract import seeds
from ftcore.contract.network import Architecture, Parameter, TokenBody


def draw(parameter: Parameter, initializer_range: float, seed: int) -> np.ndarray:
    """Return a new parameter's values, float32 (a count's int64) of its shape; the seed and its name decide them.

    Args:
        parameter: its name, shape and kind of initial values.
        initializer_range: standard deviation of "normal", where the parameter does not say it.
        seed: of the run.
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

    As Marian and transformers lay them: the cosines are not between the sines, but after them.
    """
    sines = (channels + 1) // 2
    periods = np.power(10000.0, 2 * (np.arange(channels) // 2) / channels)
    angles = np.arange(positions)[:, None] / periods
    table = np.empty((positions, channels), np.float32)
    table[:, :sines], table[:, sines:] = np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])
    return table


def drawn_tensors(parameters: Iterable[Parameter], architecture: Architecture, seed: int) -> dict[str, np.ndarray]:
    """Return new values of parameters and buffers by their names.

    Args:
        parameters: what is drawn.
        architecture: of the network that has them.
        seed: of the run.
    """
    # Bodies that read no tokens draw nothing by it.
    scale = architecture.body.initializer_range if isinstance(architecture.body, TokenBody) else 0.0
    return {parameter.name: draw(parameter, scale, seed) for parameter in parameters}
