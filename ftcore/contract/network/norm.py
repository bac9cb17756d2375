"""Describes normalization over the last axis."""

from dataclasses import dataclass
from typing import Literal

NormPlace = Literal["after", "before", "around"]


@dataclass(frozen=True)
class Norm:
    """Normalization over the last axis.

    Attributes:
        epsilon: added to the mean square.
        kind: "layer" subtracts the mean first, and has scale and shift; "rms" has only a scale (Zhang and Sennrich
            2019).
        offset: number that is added to the stored scale.
        shift: whether a layer norm has a shift.
    """

    epsilon: float
    kind: Literal["layer", "rms"] = "layer"
    offset: float = 0.0
    shift: bool = True
