"""Draws the parameters of the cases from fixed keys, without files."""

from collections.abc import Iterable

import numpy as np

from ftcore.contract.network import Parameter
from ftcore.contract.seeds import generator

SEED = 20


def parameters(wanted: Iterable[Parameter], case: str, embedding_scale: float) -> dict[str, np.ndarray]:
    """Return every parameter in its own shape: float64 that is exact in float32, none with its initial value."""
    return {parameter.name: _draw(parameter, case, embedding_scale) for parameter in wanted}


def _draw(parameter: Parameter, case: str, embedding_scale: float) -> np.ndarray:
    noise = generator(SEED, "conformance", case, parameter.name).standard_normal(parameter.shape)
    if parameter.role == "embedding":
        values = embedding_scale * noise
    elif parameter.role == "weight":
        values = 0.4 * noise
    else:
        values = 0.25 * noise + (1.0 if parameter.initial == "ones" else 0.0)
    return values.astype(np.float32).astype(np.float64)
