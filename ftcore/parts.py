"""The common ground of every part of a spec: unknown keys are errors, and values do not change."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

Place = tuple[str | int, ...]
"""Where a value is in a spec: ("training", "max_steps"), ("data", "labels", 2)."""


class SpecPart(BaseModel):
    """A part of a spec."""

    # strict: true is no number and "3" is no 3, whichever way a spec comes in
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


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
