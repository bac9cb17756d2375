"""A quantity in which two backends may differ."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """One measured quantity.

    Attributes:
        name: such as "loss" or "gradients".
        error: relative error of the worst array; infinite if there is nothing to compare.
        bound: the largest error that passes.
        where: the worst array, usually a parameter's name; "" for a scalar.
    """

    name: str
    error: float
    bound: float
    where: str = ""

    @property
    def passes(self) -> bool:
        """Whether the error is within the bound."""
        return self.error <= self.bound

    @property
    def words(self) -> str:
        """The error in words, such as "gradients of embeddings.weight: 2.1e-07 (bound 0.0001)"."""
        of = f" of {self.where}" if self.where else ""
        if math.isfinite(self.error):
            return f"{self.name}{of}: {self.error:.1e} (bound {self.bound:g})"
        return f"{self.name}{of}: not finite" if self.bound else f"{self.name}: {self.where} differs"

    @property
    def is_number(self) -> bool:
        """Whether it is measured, and not just equal or not."""
        return self.bound > 0


def worst(name: str, errors: Mapping[str, float], bound: float) -> Quantity:
    """Return the quantity of which one error for each array is known."""
    where = max(errors, key=errors.__getitem__, default="")
    return Quantity(name, errors.get(where, 0.0), bound, where if errors.get(where) else "")


def equal(name: str, differing: list[str]) -> Quantity:
    """Return a quantity that must be equal to the last bit, given the names of what differs."""
    return Quantity(name, math.inf if differing else 0.0, 0.0, differing[0] if differing else "")


def relative(found: float, wanted: float, floor: float = 0.0) -> float:
    """Return |found - wanted| / max(|wanted|, floor); infinite if one is not finite."""
    return ratio(abs(found - wanted), max(abs(wanted), floor))


def ratio(apart: float, size: float) -> float:
    """Return apart / size; 0 if both are 0, infinite if only size is or if one is not finite."""
    if not (math.isfinite(apart) and math.isfinite(size)):
        return math.inf
    return apart / size if size else math.inf if apart else 0.0
