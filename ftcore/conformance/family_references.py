"""What transformers computes for the families' variants, and how far from it a backend is."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ftcore.conformance.draws import SEED
from ftcore.conformance.families import Variant
from ftcore.conformance.family_steps import STEPS
from ftcore.conformance.measure import absolute, relative
from ftcore.contract.seeds import generator
from ftcore.errors import BackendError

PROJECTIONS = 4
"""Of an array in a sketch: the squared length of the projected error is chi-squared with 4 degrees of freedom."""
SMALL = STEPS
"""Elements of an array that a sketch keeps as it is: the losses are."""
NOISE, NOISE_OF_FLOAT32 = 1e-12, 1e-7
"""A gradient that is so small a part of all is zero in exact arithmetic, as that of a key's bias under softmax; and
where transformers computes parts in float32."""
Measure = Callable[[np.ndarray, np.ndarray], float]
"""From two arrays of the same shape to an error."""


@dataclass(frozen=True)
class VariantReferences:
    """The arrays of one variant, float64.

    Attributes:
        arrays: "hidden_states/LAYER" [sequences, length, hidden], an encoder-decoder's encoder first, or
            [examples, channels, height, width]; "logits" [sequences, labels] or [sequences, length, tokens]; these are
            zero at padding. "loss" [], the mean; "gradient/PARAMETER", zeros where the loss does not reach it; "losses"
            [steps]. "saved/TENSOR" [0]: a name that transformers writes.
        seen: makes of a computed array of any shape, given its key, what stands in `arrays`: itself, or its sketch.
        noise: the part of the whole gradient that is noise.
    """

    arrays: Mapping[str, np.ndarray]
    seen: Callable[[str, np.ndarray], np.ndarray]
    noise: float = NOISE

    def error(self, key: str, found: np.ndarray | float | None, measure: Measure = relative) -> float:
        """Return the L2 error of an array of any shape; infinite where there is none on one of the sides."""
        if found is None or key not in self.arrays:
            return math.inf
        return measure(self.seen(key, np.asarray(found)), self.arrays[key])

    def names(self, kind: str) -> list[str]:
        """Return the names under "KIND/"."""
        return [key.removeprefix(f"{kind}/") for key in self.arrays if key.startswith(f"{kind}/")]

    def gradient_errors(self, found: Mapping[str, np.ndarray]) -> dict[str, float]:
        """Return the error of every parameter's gradient, each found in its own shape.

        It is relative; absolute where the gradient is zero in exact arithmetic.
        """
        names = self.names("gradient")
        noise = self.noise * math.hypot(*(float(np.linalg.norm(self.arrays[f"gradient/{name}"])) for name in names))
        errors = {name: self._gradient_error(f"gradient/{name}", found.get(name), noise) for name in names}
        return errors | dict.fromkeys(found.keys() - errors.keys(), math.inf)

    def _gradient_error(self, key: str, found: np.ndarray | None, noise: float) -> float:
        if found is None and not self.arrays[key].any():
            # What no loss reaches need not be trained.
            return 0.0
        is_zero = float(np.linalg.norm(self.arrays[key])) <= noise
        return self.error(key, found, absolute if is_zero else relative)


@dataclass(frozen=True)
class FamilyReferences:
    """The arrays of several families.

    Attributes:
        origin: where they came from, in words.
        arrays: "FAMILY/VARIANT/" and a key of `VariantReferences`; each of the shape that stands there.
        seen: as `VariantReferences.seen`; its key is the whole one.
    """

    origin: str
    arrays: Mapping[str, np.ndarray]
    seen: Callable[[str, np.ndarray], np.ndarray]

    def of(self, variant: Variant) -> VariantReferences:
        """Return a variant's arrays.

        Raises:
            BackendError: there are none.
        """
        prefix = f"{variant.family}/{variant.name}/"
        found = {key.removeprefix(prefix): array for key, array in self.arrays.items() if key.startswith(prefix)}
        if not found:
            raise BackendError(
                f"{self.origin}: no references for {variant.family}, {variant.name!r}: install a backend that is built "
                "on transformers, or write them there by `make references`"
            )
        noise = NOISE_OF_FLOAT32 if variant.float32_inside else NOISE
        return VariantReferences(found, lambda key, value: self.seen(prefix + key, value), noise)


def sketch(key: str, value: np.ndarray) -> np.ndarray:
    """Return random projections of a value of any shape, float64 [PROJECTIONS]; a small one as it is.

    Their squared length has the array's as its mean: the projections are normal, with variance 1 / PROJECTIONS.
    """
    if value.size <= SMALL:
        return value
    draws = generator(SEED, "conformance", "sketch", key).standard_normal((PROJECTIONS, value.size))
    return np.asarray(draws @ value.ravel().astype(np.float64) / np.sqrt(PROJECTIONS))


def whole(key: str, value: np.ndarray) -> np.ndarray:
    """Return a value of any shape as it is."""
    return value
