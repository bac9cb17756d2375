"""TaskSpec: what the user writes. Each task has a class of its own, with the fields of its input and target."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, Self

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
from ftcore.spec.training import TrainingSpec
from ftcore.tasks import ALIASES, TASKS, Task


def _known_task(name: str) -> str:
    if name not in TASKS:
        raise ValueError(f"given {name!r}{did_you_mean(name, TASKS)}; allowed: {', '.join(TASKS)}")
    return name


TaskName = Annotated[str, AfterValidator(_known_task), Field(json_schema_extra={"enum": list(TASKS)})]
Baseline = Literal["majority", "frozen", "scratch"]


class OutputSpec(SpecPart):
    """Where results go."""

    folder: str | None = Field(None, description="The run folder; default: runs/SPECNAME in the current folder.")
    dtype: Literal["float32", "float16", "bfloat16", "float64"] | None = Field(
        None, description="Of the written weights; default: the checkpoint's own."
    )


class CompareSpec(SpecPart):
    """What `ftcore compare` does beside running each backend."""

    baselines: list[Baseline] = Field(
        default_factory=list, description="What fine-tuning is held against: majority, frozen, scratch."
    )


class TaskSpec(SpecPart):
    """One fine-tuning run, for any backend.

    Made or validated directly, it becomes the class of its task.
    """

    version: int | None = Field(
        None, ge=1, le=VERSION, description="Of the spec's form; ftcore writes it into the specs of run folders."
    )
    task: TaskName = Field(description="What is learned.")
    model: ModelSpec = Field(description="Which network is trained.")
    data: DataSpec = Field(description="Where the examples are.")
    # the defaults of the three choices are put in before validation; here they are for the JSON Schema
    loss: LossSpec = Field(  # type: ignore[assignment]
        default=None, description="A name, or a mapping with a name and its fields; default: the task's own."
    )
    optimizer: OptimizerSpec = Field(  # type: ignore[assignment]
        default=DEFAULT_OPTIMIZER, description="A name, or a mapping with a name and its fields."
    )
    schedule: ScheduleSpec = Field(  # type: ignore[assignment]
        default=DEFAULT_SCHEDULE, description="A name, or a mapping with a name, its fields and a warm-up."
    )
    training: TrainingSpec = Field(default_factory=TrainingSpec, description="How long, and in which steps.")
    precision: Literal["float32", "float64", "bfloat16", "float16"] = Field(
        "float32", description="Of computation; bfloat16 and float16: of products alone, everything else is float32."
    )
    device: str = Field("auto", description="auto, cpu, or a device of the backend such as cuda or cuda:1.")
    threads: int | None = Field(None, ge=1, description="CPU threads; default: every core.")
    backend: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Options of one backend, by its name; `ftcore doctor` lists them."
    )
    output: OutputSpec = Field(
        default_factory=OutputSpec, description="The run folder, and the type of the written weights."
    )
    compare: CompareSpec = Field(default_factory=CompareSpec, description="What `ftcore compare` does beside.")

    _earlier_name: str | None = PrivateAttr(None)

    def __new__(cls, *arguments: Any, **values: Any) -> "TaskSpec":
        """Make a spec of the class of its task."""
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
        """What the user should know of how the spec was read."""
        if self._earlier_name is None:
            return []
        return [f"task: {self._earlier_name} is an earlier name of {self.task}: use that one"]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        require_fit(problems(self))
        return self


class WritingSpec(TaskSpec):
    """A run whose model writes texts."""

    generation: GenerationSpec = Field(
        default_factory=GenerationSpec, description="How texts are written in evaluation and prediction."
    )


def generation_of(spec: SpecPart) -> GenerationSpec | None:
    """Return how a spec's model writes texts; None where it writes none."""
    return spec.generation if isinstance(spec, WritingSpec) else None


def spec_class(name: object) -> type[TaskSpec]:
    """Return the class of a task's specs, by the name of the task."""
    task = TASKS.get(ALIASES.get(str(name), str(name)))
    return _class_of_unknown() if task is None else _class_of(task.name)


@cache
def _class_of(name: str) -> type[TaskSpec]:
    task: Task = TASKS[name]
    return _class(WritingSpec if task.target.writes else TaskSpec, task.model_class, task.data_class)


@cache
def _class_of_unknown() -> type[TaskSpec]:
    """Return the class of specs whose task is wrong: until it is right, they may have the fields of any task.

    How the fields of a task fit together is left open: its defaults may not be those of the task that is meant.
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
