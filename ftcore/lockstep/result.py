"""What one backend's steps from the reference's states gave, as written to NAME.json."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ftcore.files import with_nulls
from ftcore.lockstep.quantity import Quantity


@dataclass(frozen=True)
class StepDifference:
    """A step that two backends took from one state.

    Attributes:
        step: its number in the run.
        precision: the precision in which it was taken.
        quantities: the measured quantities.
    """

    step: int
    precision: str
    quantities: tuple[Quantity, ...]

    @property
    def passes(self) -> bool:
        """Whether every quantity is within its bound."""
        return all(quantity.passes for quantity in self.quantities)

    @property
    def first_failure(self) -> Quantity | None:
        """The first quantity beyond its bound: those that come first explain those that follow."""
        return next((quantity for quantity in self.quantities if not quantity.passes), None)


@dataclass(frozen=True)
class EvaluationDifference:
    """A split that two backends evaluated with the same parameters.

    Attributes:
        split: the split.
        rows: number of its rows, words or texts.
        differing: how many of them are predicted differently.
        quantities: outputs and metrics.
    """

    split: str
    rows: int
    differing: int
    quantities: tuple[Quantity, ...]

    @property
    def passes(self) -> bool:
        """Whether every quantity is within its bound."""
        return all(quantity.passes for quantity in self.quantities)


@dataclass(frozen=True)
class Lockstep:
    """The proof for one backend against the reference.

    Attributes:
        steps: the sampled steps.
        evaluation: the comparison of a split; None if the run has only training rows.
    """

    steps: tuple[StepDifference, ...]
    evaluation: EvaluationDifference | None

    @property
    def passes(self) -> bool:
        """Whether both backends take the same steps and evaluate alike."""
        return all(step.passes for step in self.steps) and (self.evaluation is None or self.evaluation.passes)

    @property
    def first_failure(self) -> StepDifference | None:
        """The first step that differs, in the order of the run."""
        failed = [step for step in self.steps if not step.passes]
        return min(failed, key=lambda one: one.step, default=None)

    def to_json(self) -> dict[str, Any]:
        """Return the proof as JSON; an infinite error is null."""
        content: dict[str, Any] = with_nulls(asdict(self))
        return content


def lockstep_from_json(content: Mapping[str, Any]) -> Lockstep:
    """Read back what `Lockstep.to_json` wrote."""
    steps = tuple(
        StepDifference(one["step"], one["precision"], _quantities(one["quantities"])) for one in content["steps"]
    )
    found = content["evaluation"]
    if found is None:
        return Lockstep(steps, None)
    return Lockstep(steps, EvaluationDifference(**found | {"quantities": _quantities(found["quantities"])}))


def _quantities(content: Sequence[Mapping[str, Any]]) -> tuple[Quantity, ...]:
    return tuple(
        Quantity(one["name"], math.inf if one["error"] is None else one["error"], one["bound"], one["where"])
        for one in content
    )
