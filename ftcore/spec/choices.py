"""Defines loss, optimizer and schedule in a spec: a name, or a mapping with a name and that choice's fields.

The fields are derived from the definitions in ftcore.contract, so a new definition needs no change here.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Gt, Interval
from pydantic import Discriminator, Field, create_model, model_validator

from ftcore.contract.losses import LOSSES, PerOutput
from ftcore.contract.optimizers import OPTIMIZERS, SCHEDULES
from ftcore.parts import Place, SpecPart, require_fit
from ftcore.spec.descriptions import attribute_descriptions
from ftcore.tasks import ALIASES, TASKS

OutputWeight = Annotated[float, Ge(0)]
PerOutputSpec = Literal["balanced"] | dict[str, OutputWeight] | list[OutputWeight] | None
"""How a spec gives one number per class: in label order, by label, or balanced by the training rows."""

DEFAULT_OPTIMIZER = "adamw"
DEFAULT_SCHEDULE = "linear"


class Choice(SpecPart):
    """A named choice among several definitions, with its fields."""

    name: str = Field(description="The name of the choice; the other fields depend on it.")


class OptimizerChoice(Choice):
    """An optimizer."""

    learning_rate: Annotated[float, Gt(0)]

    @model_validator(mode="after")
    def _fits(self) -> "OptimizerChoice":
        problems: list[tuple[Place, str]] = []
        if getattr(self, "nesterov", False) and not getattr(self, "momentum", 0.0):
            problems.append((("nesterov",), "nesterov needs momentum: give momentum above 0, such as 0.9"))
        require_fit(problems)
        return self


class ScheduleChoice(Choice):
    """A learning-rate schedule, after a warm-up."""

    warmup_steps: Annotated[int, Ge(0)] | None = Field(
        None, description="Steps of warm-up, in which the learning rate rises from 0 to its peak."
    )
    warmup_ratio: Annotated[float, Interval(ge=0, le=1)] | None = Field(
        None, description="Warm-up as a share of all steps, instead of warmup_steps."
    )

    @model_validator(mode="after")
    def _fits(self) -> "ScheduleChoice":
        problems: list[tuple[Place, str]] = []
        if self.warmup_steps is not None and self.warmup_ratio is not None:
            problems.append((("warmup_ratio",), "give warmup_steps or warmup_ratio, not both"))
        require_fit(problems)
        return self


def _part(name: str, definition: type, base: type[Choice]) -> type[Choice]:
    """Return the spec part for a definition, with its name and its dataclass fields."""
    described = attribute_descriptions(definition)
    given: dict[str, Any] = {"name": (Literal[name], Field(name, description=base.model_fields["name"].description))}
    for item in fields(definition):
        annotation = PerOutputSpec if item.type == PerOutput else item.type
        default = ... if item.default is MISSING else item.default
        given[item.name] = (annotation, Field(default, description=described.get(item.name)))
    return create_model(f"{definition.__name__}Spec", __base__=base, __doc__=definition.__doc__, **given)


def with_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a spec's values, with each choice as a mapping with a name, given or by default.

    Args:
        values: a spec as given; values that are neither text nor mappings stay, and are reported later.
    """
    name = str(values.get("task"))
    task = TASKS.get(ALIASES.get(name, name))
    # an unknown task is reported separately; until it is corrected, any loss will do
    loss = task.target.losses[0].name if task else next(iter(LOSSES))
    defaults = {"loss": loss, "optimizer": DEFAULT_OPTIMIZER, "schedule": DEFAULT_SCHEDULE}
    return {**values, **{field: _named(values.get(field, {}), name) for field, name in defaults.items()}}


def _named(value: object, default: str) -> object:
    if isinstance(value, str):
        return {"name": value}
    return {"name": default, **value} if isinstance(value, Mapping) else value


def _choice(definitions: Mapping[str, type], base: type[Choice]) -> Any:
    parts = (_part(name, definition, base) for name, definition in definitions.items())
    return Annotated[reduce(or_, parts), Discriminator("name")]


if TYPE_CHECKING:
    LossSpec = Choice
    OptimizerSpec = OptimizerChoice
    ScheduleSpec = ScheduleChoice
else:
    LossSpec = _choice(LOSSES, Choice)
    OptimizerSpec = _choice(OPTIMIZERS, OptimizerChoice)
    ScheduleSpec = _choice(SCHEDULES, ScheduleChoice)
