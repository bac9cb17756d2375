"""TaskSpec: what the user writes."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from ftcore.helpers.suggestions import did_you_mean
from ftcore.models import AnyModelSpec
from ftcore.parts import SpecPart, require_fit
from ftcore.spec.checks import problems
from ftcore.spec.choices import (
    DEFAULT_OPTIMIZER,
    DEFAULT_SCHEDULE,
    LossSpec,
    OptimizerSpec,
    ScheduleSpec,
    with_names,
    with_pair,
)
from ftcore.spec.data import DataSpec
from ftcore.spec.generation import GenerationSpec
from ftcore.spec.training import TrainingSpec
from ftcore.tasks import ANY_TASK


def _known_task(name: str) -> str:
    if name not in ANY_TASK:
        raise ValueError(f"given {name!r}{did_you_mean(name, ANY_TASK)}; allowed: {', '.join(ANY_TASK)}")
    return name


TaskName = Annotated[str, AfterValidator(_known_task), Field(json_schema_extra={"enum": list(ANY_TASK)})]
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
    """One fine-tuning run, for any backend."""

    task: TaskName = Field(description="What is learned.")
    model: AnyModelSpec = Field(description="Which network is trained.")
    data: DataSpec = Field(description="Where the examples are.")
    # the defaults of the three choices are put in by _name_choices; here they are for the JSON Schema
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
    generation: GenerationSpec = Field(
        default_factory=GenerationSpec, description="How texts are written by tasks of language models."
    )
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

    @model_validator(mode="before")
    @classmethod
    def _name_choices(cls, given: Any) -> Any:
        return with_pair(with_names(given)) if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _fits(self) -> "TaskSpec":
        require_fit(problems(self))
        return self
