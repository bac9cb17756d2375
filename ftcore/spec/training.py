"""Defines the `training` part of a spec."""

from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt
from pydantic import Field, model_validator

from ftcore.parts import Place, SpecPart, require_fit

Count = Annotated[int, Ge(1)]
DEFAULT_EPOCHS = 3.0


class EarlyStopping(SpecPart):
    """Stop when the best metric no longer improves."""

    patience: Count = Field(3, description="Evaluations without improvement.")
    min_delta: Annotated[float, Ge(0)] = Field(0.0, description="The smallest change that counts as improvement.")


class Best(SpecPart):
    """Which evaluation is the best."""

    metric: str | None = Field(None, description="A validation metric; default: the task's own.")
    mode: Literal["max", "min"] | None = Field(None, description="Which values are better; default: the metric's.")


class TrainingSpec(SpecPart):
    """The length and steps of training, and which result is kept."""

    epochs: Annotated[float, Gt(0)] | None = Field(
        None, description=f"Passes over train; default {DEFAULT_EPOCHS:g} unless max_steps is given."
    )
    max_steps: Count | None = Field(None, description="Optimizer steps, instead of epochs.")
    batch_size: Count = Field(32, description="Examples per optimizer step, on any hardware.")
    micro_batch_size: Count | None = Field(None, description="Examples in memory at once; same result up to rounding.")
    batching: Literal["packed", "sorted", "padded"] | None = Field(
        None,
        description="How a step's examples are arranged, with the same result up to rounding; "
        "default: packed if this is exact for the model's family, else sorted.",
    )
    clip_norm: Annotated[float, Gt(0)] | None = Field(1.0, description="Largest global gradient norm; null: no limit.")
    evaluate_every: Literal["epoch"] | Count = Field("epoch", description="Each epoch, or a number of steps.")
    checkpoint_every: Count | None = Field(None, description="Steps; each evaluation also writes a checkpoint.")
    keep: Literal["best", "last"] = Field("best", description="The checkpoint that becomes the result.")
    best: Best = Field(default_factory=Best, description="How the best evaluation is chosen.")
    early_stopping: EarlyStopping | None = Field(None, description="When to stop before the end; default: never.")
    seed: Annotated[int, Ge(0)] = Field(0, description="Determines every random draw of the run.")

    @model_validator(mode="before")
    @classmethod
    def _fill_epochs(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("epochs") is None and given.get("max_steps") is None:
            return {**given, "epochs": DEFAULT_EPOCHS}
        return given

    @model_validator(mode="after")
    def _fits(self) -> "TrainingSpec":
        problems: list[tuple[Place, str]] = []
        if self.epochs is not None and self.max_steps is not None:
            problems.append((("max_steps",), "give epochs or max_steps, not both"))
        if self.micro_batch_size is not None and self.micro_batch_size > self.batch_size:
            text = f"given {self.micro_batch_size}; allowed: at most batch_size, which is {self.batch_size}"
            problems.append((("micro_batch_size",), text))
        require_fit(problems)
        return self
