"""The base class of every part of a spec: unknown fields are errors, and values do not change."""

from collections.abc import Sequence
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

Part = TypeVar("Part", bound="SpecPart")
Place = tuple[str | int, ...]
"""Where a value is in a spec: ("training", "max_steps"), ("data", "labels", 2)."""


Problems = list[tuple[Place, str]]
"""What is wrong with a spec: the place of each field, and the text for the user."""


class SpecPart(BaseModel):
    """A part of a spec. Several parts may be the bases of one: each checks its own fields in `_problems`."""

    # strict: true is no number and "3" is no 3, whichever way a spec comes in
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        checks = [vars(kind)["_problems"] for kind in type(self).__mro__ if "_problems" in vars(kind)]
        require_fit([problem for check in checks for problem in check(self)])
        return self


def part(whole: SpecPart, kind: type[Part]) -> Part:
    """Return a part of a spec as one of the parts that it is made of.

    Raises:
        TypeError: it is not made of it: the task has no such fields.
    """
    if not isinstance(whole, kind):
        raise TypeError(f"{type(whole).__name__} has no fields of {kind.__name__}")
    return whole


def is_default(whole: SpecPart, name: str) -> bool:
    """Return whether a field stands at its default."""
    found: bool = getattr(whole, name) == type(whole).model_fields[name].get_default(call_default_factory=True)
    return found


class MisfitError(ValueError):
    """Fields that are right one by one and do not fit together.

    Attributes:
        problems: for each, the field's place within the part that was checked, and what is wrong.
    """

    def __init__(self, problems: Sequence[tuple[Place, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{dotted(place)}: {text}" for place, text in self.problems))


def require_fit(problems: Sequence[tuple[Place, str]]) -> None:
    """Raise a MisfitError where there are problems."""
    if problems:
        raise MisfitError(problems)


def dotted(place: Place) -> str:
    """Return a place as users write it: data.labels[2]."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")
