"""Defines the base class of all parts of a spec, which are immutable and reject unknown fields."""

from collections.abc import Sequence
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

Part = TypeVar("Part", bound="SpecPart")
Place = tuple[str | int, ...]
"""The place of a value in a spec, such as ("training", "max_steps") or ("data", "labels", 2)."""


Problems = list[tuple[Place, str]]
"""The errors in a spec: the place of each field, and the message for the user."""


class SpecPart(BaseModel):
    """A part of a spec. A part may inherit from several others, each of which checks its fields in `_problems`."""

    # strict: neither true nor "3" is accepted as a number, however the spec was given
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        checks = [vars(kind)["_problems"] for kind in type(self).__mro__ if "_problems" in vars(kind)]
        require_fit([problem for check in checks for problem in check(self)])
        return self


def part(whole: SpecPart, kind: type[Part]) -> Part:
    """Return a part of a spec as one of its base parts.

    Raises:
        TypeError: it does not have this base part, so the task has no such fields.
    """
    if not isinstance(whole, kind):
        raise TypeError(f"{type(whole).__name__} has no fields of {kind.__name__}")
    return whole


def is_default(whole: SpecPart, name: str) -> bool:
    """Return whether a field has its default value."""
    found: bool = getattr(whole, name) == type(whole).model_fields[name].get_default(call_default_factory=True)
    return found


class MisfitError(ValueError):
    """Fields that are each valid but do not fit together.

    Attributes:
        problems: for each error, the field's place within the checked part, and the message.
    """

    def __init__(self, problems: Sequence[tuple[Place, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{dotted(place)}: {text}" for place, text in self.problems))


def require_fit(problems: Sequence[tuple[Place, str]]) -> None:
    """Raise a MisfitError if there are problems."""
    if problems:
        raise MisfitError(problems)


def dotted(place: Place) -> str:
    """Return a place in the form that users write, such as data.labels[2]."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")
