"""Defines TaskSpec, the user's description of a run, with a class for each task."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, Self

from annotated_types import MinLen
from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, PrivateAttr, create_model, model_validator

from ftcore.data import DataSpec
from ftcore.generation import GenerationSpec
from ftcore.helpers import did_you_mean
from ftcore.models import AnyModelSpec, ModelSpec
from ftcore.parts import SpecPart, require_fit
from ftcore.spec.checks import problems
from ftcore.spec.choices import (
    DEFAULT_OPTIMIZER,
    DEFAULT_SCHEDULE,
    LossSpec,
    OptimizerSpec,
    ScheduleSpec,
    with_names,
)
from ftcore.spec.earlier import VERSION, up_to_date
from ftcore.spec.training import Count, TrainingSpec
from ftcore.tasks import ALIASES, TASKS, Task


def _known_task(name: str) -> str:
    if name not in TASKS:
        raise ValueError(f"given {name!r}{did_you_mean(name, TASKS)}; allowed: {', '.join(TASKS)}")
    return name


TaskName = Annotated[str, AfterValidator(_known_task), Field(json_schema_extra={"enum": list(TASKS)})]
Baseline = Literal["majority", "frozen", "scratch"]


class OutputSpec(SpecPart):
    """Where results are written."""

    folder: str | None = Field(None, description="The run folder; default: runs/SPECNAME in the current folder.")
    dtype: Literal["float32", "float16", "bfloat16", "float64"] | None = Field(
        None, description="Type of the written weights; default: the checkpoint's own."
    )


class CompareSpec(SpecPart):
    """What `ftcore compare` does in addition to running each backend."""

    lockstep: Literal["auto", "none"] | Annotated[list[Count], MinLen(1)] = Field(
        "auto",
        description="The steps that every backend takes from the reference's state, which decide whether the runs are "
        "the same: a list; auto: 1, 2, 5, 10, 20, 50, ... and the last; none: no proof, no verdict.",
    )
    baselines: list[Baseline] = Field(
        default_factory=list, description="Baselines to compare fine-tuning with: majority, frozen, scratch."
    )


class TaskSpec(SpecPart):
    """One fine-tuning run, for any backend.

    Constructing or validating it returns the class of its task.
    """

    version: int | None = Field(
        None, ge=1, le=VERSION, description="Version of the spec format; ftcore writes it in run folders."
    )
    task: TaskName = Field(description="The task: what is learned from which input.")
    model: ModelSpec = Field(description="The network to train.")
    data: DataSpec = Field(description="The examples.")
    # the defaults of the three choices are filled in before validation; here they serve the JSON Schema
    loss: LossSpec = Field(  # type: ignore[assignment]
        default=None, description="A name, or a mapping with a name and its fields; default: the task's own."
    )
    optimizer: OptimizerSpec = Field(  # type: ignore[assignment]
        default=DEFAULT_OPTIMIZER, description="A name, or a mapping with a name and its fields."
    )
    schedule: ScheduleSpec = Field(  # type: ignore[assignment]
        default=DEFAULT_SCHEDULE, description="A name, or a mapping with a name, its fields and a warm-up."
    )
    training: TrainingSpec = Field(default_factory=TrainingSpec, description="Length, steps and evaluations.")
    precision: Literal["float32", "float64", "bfloat16", "float16"] = Field(
        "float32", description="Number type; bfloat16 and float16 are for products only, the rest is float32."
    )
    device: str = Field("auto", description="auto, cpu, or a device of the backend such as cuda or cuda:1.")
    threads: int | None = Field(None, ge=1, description="CPU threads; default: all cores.")
    backend: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Options per backend, by its name; `ftcore doctor` lists them."
    )
    output: OutputSpec = Field(
        default_factory=OutputSpec, description="The run folder, and the type of the written weights."
    )
    compare: CompareSpec = Field(default_factory=CompareSpec, description="Further settings of `ftcore compare`.")

    _earlier_name: str | None = PrivateAttr(None)

    def __new__(cls, *arguments: Any, **values: Any) -> "TaskSpec":
        """Construct a spec of its task's class."""
        return super().__new__(spec_class(values.get("task")) if cls is TaskSpec else cls)

    @model_validator(mode="wrap")
    @classmethod
    def _of_its_task(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Any:
        if not isinstance(given, Mapping):
            return handler(given)
        own = spec_class(given.get("task")) if cls is TaskSpec else cls
        if own is not cls:
            return own.model_validate(given)
        found = handler(with_names(up_to_date(given, own)))
        found._earlier_name = given["task"] if given["task"] in ALIASES else None
        return found

    @property
    def notes(self) -> list[str]:
        """Messages for the user about how the spec was read."""
        if self._earlier_name is None:
            return []
        return [f"task: {self._earlier_name} is an earlier name of {self.task}: use that one"]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        require_fit(problems(self))
        return self


class WritingSpec(TaskSpec):
    """A run whose model generates texts."""

    generation: GenerationSpec = Field(
        default_factory=GenerationSpec, description="How texts are generated in evaluation and prediction."
    )


def generation_of(spec: SpecPart) -> GenerationSpec | None:
    """Return the generation part of a spec; None if its model generates no texts."""
    return spec.generation if isinstance(spec, WritingSpec) else None


def spec_class(name: object) -> type[TaskSpec]:
    """Return the class of a task's specs, by the task's name."""
    task = TASKS.get(ALIASES.get(str(name), str(name)))
    return _class_of_unknown() if task is None else _class_of(task.name)


@cache
def _class_of(name: str) -> type[TaskSpec]:
    task: Task = TASKS[name]
    return _class(WritingSpec if task.target.writes else TaskSpec, task.model_class, task.data_class)


@cache
def _class_of_unknown() -> type[TaskSpec]:
    """Return the class of specs with an unknown task, which may have the fields of any task.

    The checks of one task's fields against each other are left out: the defaults of the right task may differ.
    """
    classes = [task.data_class for task in TASKS.values()]
    fields: Any = {name: (item.annotation, item) for kind in classes[::-1] for name, item in kind.model_fields.items()}
    return _class(WritingSpec, AnyModelSpec, create_model("AnyData", __base__=DataSpec, **fields))


def _class(base: type[TaskSpec], model: type[ModelSpec], data: type[DataSpec]) -> type[TaskSpec]:
    return create_model(
        "TaskSpec",
        __base__=base,
        __doc__=TaskSpec.__doc__,
        model=(model, Field(description=TaskSpec.model_fields["model"].description)),
        data=(data, Field(description=TaskSpec.model_fields["data"].description)),
    )
