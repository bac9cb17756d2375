"""Where a training stands: what a checkpoint remembers beside tensors."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass
class Progress:
    """Where a training stands.

    Attributes:
        step: steps done.
        best_step: the step of the best evaluation, 0 before the first.
        best_value: the best metric there.
        without_improvement: evaluations since then.
        seconds: training time so far, without evaluation.
    """

    step: int = 0
    best_step: int = 0
    best_value: float | None = None
    without_improvement: int = 0
    seconds: float = 0.0

    def record(self, value: float, mode: Literal["max", "min"], min_delta: float) -> None:
        """Take the best metric's value of an evaluation at the present step."""
        gain = None if self.best_value is None else (value - self.best_value) * (1 if mode == "max" else -1)
        if gain is None or gain > min_delta:
            self.best_step, self.best_value, self.without_improvement = self.step, value, 0
        else:
            self.without_improvement += 1

    def to_json(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)
