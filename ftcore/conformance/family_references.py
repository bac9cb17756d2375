"""The references of the families' variants from transformers, and the errors of a backend against them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ftcore.conformance.bounds import FLOAT32_INSIDE
from ftcore.conformance.draws import SEED
from ftcore.conformance.families import Variant
from ftcore.conformance.family_steps import STEPS
from ftcore.conformance.measure import absolute, relative
from ftcore.contract.seeds import generator
from ftcore.errors import BackendError

PROJECTIONS = 4
"""Random projections per array: the squared length of a projected error is chi-squared with 4 degrees of freedom."""
SMALL = STEPS
"""Arrays of at most this size, such as the losses, are stored whole in a sketch."""
NOISE, NOISE_OF_FLOAT32 = 1e-12, 1e-7
"""A gradient below this fraction of the whole gradient is zero in exact arithmetic, like that of the bias of keys; the
second value is for parts that transformers computes in float32."""
LEAST_OF_FLOAT32 = NOISE_OF_FLOAT32 / FLOAT32_INSIDE.gradient
"""Below this fraction of the whole gradient, the noise of float32 alone exceeds the bound of a relative error."""
Measure = Callable[[np.ndarray, np.ndarray], float]
"""Maps two arrays of the same shape to an error."""


@dataclass(frozen=True)
class VariantReferences:
    """The arrays of one variant, float64.

    Attributes:
        arrays: "hidden_states/LAYER" [sequences, length, hidden], an encoder-decoder's encoder first, or
            [examples, channels, height, width]; "logits" [sequences, labels] or [sequences, length, tokens]; these are
            zero at padding. "loss" [], the mean; "gradient/PARAMETER", zeros if the loss does not use it; "losses"
            [steps]. "saved/TENSOR" [0]: a name that transformers writes.
        seen: turns a computed array of any shape, given its key, into the form in `arrays`: itself, or its sketch.
        noise: fraction of the whole gradient that is noise.
        least: a gradient's error is relative to at least this fraction of the whole gradient.
    """

    arrays: Mapping[str, np.ndarray]
    seen: Callable[[str, np.ndarray], np.ndarray]
    noise: float = NOISE
    least: float = 0.0

    def error(self, key: str, found: np.ndarray | float | None, measure: Measure = relative) -> float:
        """Return the L2 error of an array of any shape; infinite if one side does not have it."""
        if found is None or key not in self.arrays:
            return math.inf
        return measure(self.seen(key, np.asarray(found)), self.arrays[key])

    def names(self, kind: str) -> list[str]:
        """Return the names under "KIND/"."""
        return [key.removeprefix(f"{kind}/") for key in self.arrays if key.startswith(f"{kind}/")]

    def gradient_errors(self, found: Mapping[str, np.ndarray]) -> dict[str, float]:
        """Return the error of every parameter's gradient, each of its own shape.

        It is relative, or absolute if the gradient is zero in exact arithmetic.
        """
        names = self.names("gradient")
        size = math.hypot(*(float(np.linalg.norm(self.arrays[f"gradient/{name}"])) for name in names))
        errors = {name: self._gradient_error(f"gradient/{name}", found.get(name), size) for name in names}
        return errors | dict.fromkeys(found.keys() - errors.keys(), math.inf)

    def _gradient_error(self, key: str, found: np.ndarray | None, size: float) -> float:
        if found is None and not self.arrays[key].any():
            # A parameter on which no loss depends need not be trained.
            return 0.0
        own = float(np.linalg.norm(self.arrays[key]))
        if own <= self.noise * size:
            return self.error(key, found, absolute)
        return self.error(key, found) * own / max(own, self.least * size)


@dataclass(frozen=True)
class FamilyReferences:
    """The arrays of several families.

    Attributes:
        origin: their origin in words.
        arrays: by "FAMILY/VARIANT/" and a key of `VariantReferences`, with the shapes given there.
        seen: see `VariantReferences.seen`; takes the whole key.
    """

    origin: str
    arrays: Mapping[str, np.ndarray]
    seen: Callable[[str, np.ndarray], np.ndarray]

    def of(self, variant: Variant) -> VariantReferences:
        """Return a variant's arrays.

        Raises:
            BackendError: there are no references for it.
        """
        prefix = f"{variant.family}/{variant.name}/"
        found = {key.removeprefix(prefix): array for key, array in self.arrays.items() if key.startswith(prefix)}
        if not found:
            raise BackendError(
                f"{self.origin}: no references for {variant.family}, {variant.name!r}: install a backend that is built "
                "on transformers, or write them with `make references`"
            )
        noise, least = (NOISE_OF_FLOAT32, LEAST_OF_FLOAT32) if variant.float32_inside else (NOISE, 0.0)
        return VariantReferences(found, lambda key, value: self.seen(prefix + key, value), noise, least)


def sketch(key: str, value: np.ndarray) -> np.ndarray:
    """Return random projections of a value of any shape, float64 [PROJECTIONS]; a small one is unchanged.

    The projections are normal with variance 1 / PROJECTIONS, so the mean of their squared length is that of the array.
    """
    if value.size <= SMALL:
        return value
    draws = generator(SEED, "conformance", "sketch", key).standard_normal((PROJECTIONS, value.size))
    return np.asarray(draws @ value.ravel().astype(np.float64) / np.sqrt(PROJECTIONS))


def whole(key: str, value: np.ndarray) -> np.ndarray:
    """Return a value of any shape unchanged."""
    return value
