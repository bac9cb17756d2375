"""Determines the two networks of a comparison, and checks that they can be compared."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ftcore.contract import discovery as registered
from ftcore.contract.network import Architecture
from ftcore.errors import BackendError, ModelError
from ftcore.models import (
    ENCODER_DECODERS,
    read_architecture,
    read_config,
    read_family,
    read_language_model_family,
    resolve,
)

FAMILY = "model_type"
SHOWN = 5
"""Most settings that an error message lists."""


@dataclass(frozen=True)
class Side:
    """One of the two networks.

    Attributes:
        model: the model as the user gave it.
        folder: folder of the model.
        backend: a registered backend's name.
    """

    model: str
    folder: Path
    backend: str


def two_sides(models: Sequence[str], backends: Sequence[str]) -> tuple[Side, Side]:
    """Return the two networks: one model on two backends, or two models on one backend or on one each.

    Args:
        models: one location or two.
        backends: registered names; empty means the first installed backend, which two models then share.

    Raises:
        FtcoreError: a model or backend does not exist, or these are not two networks.
    """
    for name in backends:
        registered.check_installed(name)
    places = list(zip(*_paired(models, backends or _first_installed(models)), strict=True))
    if len(set(places)) < 2:
        raise BackendError(
            f"{models[0]!r} on {places[0][1]} is one network: give two different backends with --backends, or a second "
            "model"
        )
    first, second = (Side(model, resolve(model, None, Path.cwd()), backend) for model, backend in places)
    return first, second


def check_fit(first: Side, second: Side) -> dict[str, tuple[Any, Any]]:
    """Check that two networks have the same parameters, and return the settings in which they differ.

    Returns:
        Maps the name of a setting of the body, such as "activation" or "norm.epsilon", to both values.

    Raises:
        ModelError: they have different architectures; the message names the differences.
    """
    one, other = _architecture(first.folder), _architecture(second.folder)
    differing = _differing(_settings(one), _settings(other))
    if _shapes(one) != _shapes(other):
        raise ModelError(
            f"{first.model} and {second.model} have different architectures, so their blocks cannot be compared: "
            + _told(differing)
        )
    return differing


def _told(differing: dict[str, tuple[Any, Any]]) -> str:
    """Return the settings that differ, in words; only the family if it differs, because the rest follows from it."""
    shown = {FAMILY: differing[FAMILY]} if FAMILY in differing else differing
    parts = [f"{name} is {left} and {right}" for name, (left, right) in shown.items()]
    return ", ".join(parts[:SHOWN]) + (f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else "")


def _paired(models: Sequence[str], backends: Sequence[str]) -> tuple[list[str], list[str]]:
    if len(models) not in (1, 2) or len(backends) not in (1, 2):
        raise BackendError(
            "diff compares two networks: one model on two backends, or two models on one backend or on one each; "
            f"given {len(models)} models and the backends {', '.join(backends)}"
        )
    return [models[0], models[-1]], [backends[0], backends[-1]]


def _first_installed(models: Sequence[str]) -> list[str]:
    installed = [name for name in registered.names() if registered.is_installed(name)]
    if not installed:
        raise BackendError("no backend is installed: see ftcore doctor")
    if len(models) == 1:
        raise BackendError(
            f"one model needs two backends to compare: choose them with --backends {','.join(installed)}"
        )
    return installed[:1]


def _architecture(folder: Path) -> Architecture:
    config = read_config(folder)
    is_pair = str(config.get("model_type")) in ENCODER_DECODERS
    family = read_language_model_family(folder, config) if is_pair else read_family(folder, config)
    return read_architecture(folder, config, family, dropout=0.0)


def _shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    return {parameter.name: parameter.shape for parameter in architecture.parameters}


def _settings(architecture: Architecture) -> dict[str, Any]:
    return {FAMILY: architecture.family, **_flat(asdict(architecture.body))}


def _flat(values: dict[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value, f"{above}{name}.") if isinstance(value, dict) else {above + name: value}
    return found


def _differing(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (one.get(name), other.get(name))
        for name in dict.fromkeys([*one, *other])
        if one.get(name) != other.get(name)
    }
