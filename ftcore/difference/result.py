"""The result of comparing two networks, with its verdict."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ftcore.conformance import Bounds
from ftcore.difference.measuring import PlaceDifference, ValueDifference
from ftcore.files import with_nulls


@dataclass(frozen=True)
class Compared:
    """One of the two networks: its model as the user gave it, and its backend with the versions of its packages."""

    model: str
    backend: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """Two networks on one batch.

    Attributes:
        networks: the two networks; the first is the reference.
        precision: the precision of both.
        batch: description of the batch.
        head: description of the head.
        bounds: the bounds of the precision.
        settings: maps each setting that differs between the configs to both values.
        values: the parameters whose values differ, in the order of the network; None if both read one model.
        parameters: number of parameters.
        rows: the places, in the order of the computation.
    """

    networks: tuple[Compared, ...]
    precision: str
    batch: str
    head: str
    bounds: Bounds
    settings: Mapping[str, tuple[Any, Any]]
    values: tuple[ValueDifference, ...] | None
    parameters: int
    rows: tuple[PlaceDifference, ...]

    @property
    def parted(self) -> PlaceDifference | None:
        """The first place whose output is out of bounds, or, if all outputs agree, the last with such gradients.

        Gradients are computed backwards from the loss. If an output is wrong, so is every gradient.
        """
        outputs = [row for row in self.rows if not self.output_agrees(row)]
        gradients = [row for row in reversed(self.rows) if not self.gradients_agree(row)]
        return next(iter([*outputs, *gradients]), None)

    @property
    def agree(self) -> bool:
        """Whether all values are equal, and all outputs and gradients are within their bounds."""
        return not self.values and self.parted is None

    @property
    def exit_code(self) -> int:
        """0 if the networks agree, 1 if they differ."""
        return 0 if self.agree else 1

    @property
    def verdict(self) -> str:
        """One line: the first place and parameter that differ, or how closely the networks agree."""
        parted = self.parted
        if parted is not None:
            return f"the two networks differ in {self._place(parted)}; {self._parameter(parted)}"
        if self.values:
            return f"the two networks differ in {_value(self.values[0])}, but agree on this batch: {self._worst()}"
        return f"the two networks agree: {self._worst()}"

    def output_agrees(self, row: PlaceDifference) -> bool:
        """Return whether a place's output is within its bound."""
        return row.output <= self.bounds.outputs

    def gradients_agree(self, row: PlaceDifference) -> bool:
        """Return whether the gradients of a place's parameters are within their bound."""
        return row.worst is None or row.worst.error <= self.bounds.gradient

    def to_json(self) -> str:
        """Return everything as a JSON object; an infinite error is null."""
        content = {
            "agree": self.agree,
            "parted": self.parted.place if self.parted is not None else None,
            "verdict": self.verdict,
            **asdict(self),
        }
        return json.dumps(with_nulls(content), indent=1)

    def _place(self, row: PlaceDifference) -> str:
        if self.output_agrees(row):
            return f"the gradients of {row.place}, the outputs agree ({self._worst_output()})"
        before = self.rows[: self.rows.index(row)]
        agreed = f"; {before[-1].place} agreed to {before[-1].output:.1e}" if before else ""
        return f"{row.place}: its output is off by {row.output:.1e} (bound {self.bounds.outputs:.0e}{agreed})"

    def _parameter(self, row: PlaceDifference) -> str:
        """Name the first parameter that differs up to this place, else that with the largest gradient error there."""
        places = [other.place for other in self.rows[: self.rows.index(row) + 1]]
        differing = [value for value in self.values or () if value.place in places]
        if differing:
            return f"the first parameter that differs is {_value(differing[0])}"
        if row.worst is None:
            return "it has no parameter of its own"
        worst = row.worst
        error = f"{worst.error:.1e} (bound {self.bounds.gradient:.0e})"
        return f"the gradient furthest off there is that of {worst.path} ({worst.name}): {error}"

    def _worst(self) -> str:
        gradients = [(row.worst.error, row.worst.path) for row in self.rows if row.worst is not None]
        error, path = max(gradients, default=(0.0, "no parameter"))
        return f"{self._worst_output()}, worst gradient {error:.1e} of {path} (bound {self.bounds.gradient:.0e})"

    def _worst_output(self) -> str:
        row = max(self.rows, key=lambda row: row.output)
        return f"worst output {row.output:.1e} of {row.place} (bound {self.bounds.outputs:.0e})"


def value_summary(values: Sequence[ValueDifference], parameters: int) -> str:
    """Return in words which parameters differ."""
    if not values:
        return f"all {parameters} have the same values"
    return f"{len(values)} of {parameters} differ, the first {_value(values[0])}"


def _value(value: ValueDifference) -> str:
    return (
        f"{value.path} ({value.name}) in {value.differing} of {value.values} values by up to {value.largest:.1e}, "
        f"relative {value.error:.1e}"
    )
