"""Computes the rotary frequencies of a config for every kind of scaling, as transformers does.

They are float32, as in transformers for any type of model. An angle is a position times a frequency.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ftcore.contract.network import Rotary
from ftcore.errors import ModelError
from ftcore.models.families import fields

Settings = Mapping[str, Any]


def rotary(settings: Settings, channels: int, longest: int) -> Rotary:
    """Return the rotary positions that `settings` describe.

    Args:
        settings: the result of `settings_of`.
        channels: channels of a head, of which the fraction partial_rotary_factor is rotated.
        longest: most positions of a sequence.

    Raises:
        ModelError: the kind is unknown, or one of its numbers is wrong.
    """
    kind = settings["rope_type"]
    if kind not in SCALINGS:
        raise ModelError(f"rope_type {kind!r} is not supported; allowed: {', '.join(SCALINGS)}")
    turned = int(channels * _number(settings, "partial_rotary_factor", 1.0))
    if turned < 2 or turned % 2:
        raise ModelError(f"rotary positions rotate pairs of channels, but {turned} of {channels} are to be rotated")
    frequencies, scale = SCALINGS[kind](settings, turned, longest)
    return Rotary(tuple(frequencies.astype(np.float32).tolist()), scale)


def settings_of(config: Mapping[str, Any], theta: float, nested: str | None = None) -> dict[str, Any]:
    """Return rope_parameters, or the older rope_scaling and rope_theta, with every default.

    Args:
        config: the config as read.
        theta: transformers' default of rope_theta.
        nested: the kind of layer, if a config may have parameters for several kinds.

    Raises:
        ModelError: it is not an object.
    """
    given = fields.given(config, "rope_scaling") or fields.given(config, "rope_parameters") or {}
    if not isinstance(given, Mapping):
        raise ModelError(f"rope_parameters is {given!r}, but must be an object")
    if nested is not None and nested in given:
        given = given[nested] or {}
    settings = {"rope_theta": fields.given(config, "rope_theta", theta), **given}
    settings["max_position_embeddings"] = fields.given(config, "max_position_embeddings")
    settings.setdefault("partial_rotary_factor", fields.given(config, "partial_rotary_factor") or 1.0)
    settings.setdefault("rope_type", settings.get("type", "default"))
    original = fields.given(config, "original_max_position_embeddings")
    if original is not None:
        settings["original_max_position_embeddings"] = original
    return settings


def longest_of(settings: Settings, positions: int) -> int:
    """Return the most positions for which the frequencies do not depend on the longest text of a batch.

    LongRoPE uses other factors for a batch with a text longer than the original positions.
    """
    if settings["rope_type"] != "longrope":
        return positions
    return min(positions, _whole(settings, "original_max_position_embeddings", positions))


def _default(settings: Settings, turned: int, longest: int) -> tuple[np.ndarray, float]:
    return 1.0 / _periods(settings, turned), 1.0


def _linear(settings: Settings, turned: int, longest: int) -> tuple[np.ndarray, float]:
    return 1.0 / _periods(settings, turned) / np.float32(_number(settings, "factor")), 1.0


def _llama3(settings: Settings, turned: int, longest: int) -> tuple[np.ndarray, float]:
    """Divide the low frequencies by the factor, with a smooth transition between two wavelengths (Llama 3.1)."""
    plain = 1.0 / _periods(settings, turned)
    factor, low, high = (
        np.float32(_number(settings, name)) for name in ("factor", "low_freq_factor", "high_freq_factor")
    )
    original = np.float32(_whole(settings, "original_max_position_embeddings", longest))
    if not high > low:
        raise ModelError(f"high_freq_factor {high} must be above low_freq_factor {low}")
    wavelengths = np.float32(2 * math.pi) / plain
    smooth = (original / wavelengths - low) / (high - low)
    between = (1 - smooth) * plain / factor + smooth * plain
    found = np.where(wavelengths > original / low, plain / factor, plain)
    return np.where((wavelengths >= original / high) & (wavelengths <= original / low), between, found), 1.0


def _yarn(settings: Settings, turned: int, longest: int) -> tuple[np.ndarray, float]:
    """Interpolate the low frequencies, keep the high ones, and scale queries and keys (Peng et al. 2023)."""
    original = _whole(settings, "original_max_position_embeddings", longest)
    factor = _number(settings, "factor", longest / original)
    theta, periods = _number(settings, "rope_theta"), _periods(settings, turned)

    def dimension(rotations: float) -> float:
        return turned * math.log(original / (rotations * 2 * math.pi)) / (2 * math.log(theta))

    low, high = dimension(_number(settings, "beta_fast", 32.0)), dimension(_number(settings, "beta_slow", 1.0))
    if settings.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, turned - 1)
    high = high + 0.001 if low == high else high
    ramp = np.clip((np.arange(turned // 2, dtype=np.float32) - np.float32(low)) / np.float32(high - low), 0, 1)
    kept = np.float32(1.0) - ramp
    mixed = 1.0 / (np.float32(factor) * periods) * (np.float32(1.0) - kept) + 1.0 / periods * kept
    return mixed, _yarn_scale(settings, factor)


def _yarn_scale(settings: Settings, factor: float) -> float:
    def of(weight: float) -> float:
        return 1.0 if factor <= 1 else 0.1 * weight * math.log(factor) + 1.0

    if settings.get("attention_factor") is not None:
        return _number(settings, "attention_factor")
    if settings.get("mscale") and settings.get("mscale_all_dim"):
        return of(_number(settings, "mscale")) / of(_number(settings, "mscale_all_dim"))
    return of(1.0)


def _longrope(settings: Settings, turned: int, longest: int) -> tuple[np.ndarray, float]:
    """Divide each frequency by its own factor for texts within the original positions (Ding et al. 2024)."""
    original = _whole(settings, "original_max_position_embeddings", longest)
    factors = settings.get("short_factor")
    if not isinstance(factors, list) or len(factors) != turned // 2:
        raise ModelError(f"short_factor must be a list of {turned // 2} numbers")
    found = 1.0 / (np.asarray(factors, dtype=np.float32) * _periods(settings, turned))
    if settings.get("attention_factor") is not None:
        return found, _number(settings, "attention_factor")
    factor = _number(settings, "factor", settings["max_position_embeddings"] / original)
    return found, 1.0 if factor <= 1.0 else math.sqrt(1 + math.log(factor) / math.log(original))


SCALINGS: dict[str, Callable[[Settings, int, int], tuple[np.ndarray, float]]] = {
    "default": _default,
    "linear": _linear,
    # Within max_position_embeddings, the longest text here, it changes nothing.
    "dynamic": _default,
    "llama3": _llama3,
    "yarn": _yarn,
    "longrope": _longrope,
}


def _periods(settings: Settings, turned: int) -> np.ndarray:
    exponents = np.arange(0, turned, 2, dtype=np.float32) / np.float32(turned)
    periods: np.ndarray = np.float32(_number(settings, "rope_theta")) ** exponents
    return periods


def _number(settings: Settings, name: str, default: float | None = None) -> float:
    if default is None and name not in settings:
        raise ModelError(f"rope_parameters has no {name}, which rope_type {settings['rope_type']!r} needs")
    given = {name: default if settings.get(name) is None else settings[name]}
    return fields.positive(given, name, default or 1.0)


def _whole(settings: Settings, name: str, default: int) -> int:
    return fields.count(settings, name, default)
