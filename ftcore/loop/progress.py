"""The progress of a training, which a checkpoint stores besides the tensors."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass
class Progress:
    """The progress of a training.

    Attributes:
        step: number of steps done.
        best_step: the step of the best evaluation; 0 before the first.
        best_value: value of the metric at that step.
        without_improvement: number of evaluations since that step.
        seconds: training time so far, without evaluation.
    """

    step: int = 0
    best_step: int = 0
    best_value: float | None = None
    without_improvement: int = 0
    seconds: float = 0.0

    def record(self, value: float | None, mode: Literal["max", "min"], min_delta: float) -> None:
        """Add an evaluation at the current step by the metric's value; None if undefined, which is no improvement."""
        if value is not None and (self.best_value is None or self._gain(value, mode) > min_delta):
            self.best_step, self.best_value, self.without_improvement = self.step, value, 0
        else:
            self.without_improvement += 1

    def _gain(self, value: float, mode: Literal["max", "min"]) -> float:
        return (value - (self.best_value or 0.0)) * (1 if mode == "max" else -1)

    def to_json(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)
