"""Ready arrays: whatever inputs a network takes, and labels as the loss reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np

from ftcore.contract.losses import LOSSES, CrossEntropy, Loss
from ftcore.contract.losses.vectors import OF_VECTORS
from ftcore.data.forms import Form
from ftcore.targets.loss_metrics import for_loss
from ftcore.tasks.base import Reads, TargetCollector, Task


@dataclass(frozen=True)
class Tensors:
    """What the loss says: a class for cross-entropy, else numbers.

    Attributes:
        loss: of the run.
    """

    loss: Loss = field(default_factory=CrossEntropy)

    name: ClassVar[str] = "tensors"
    reads: ClassVar[Reads] = "arrays"
    forms: ClassVar[tuple[Form, ...]] = ()
    unit: ClassVar[Literal["sequence"]] = "sequence"
    target: ClassVar[str] = "labels"
    problem_type: ClassVar[str] = ""
    losses: ClassVar[tuple[type[Loss], ...]] = tuple(loss for name, loss in LOSSES.items() if name not in OF_VECTORS)
    metric: ClassVar[str] = "loss"
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = {
        "loss": "min",
        "accuracy": "max",
        "mean_squared_error": "min",
        "mean_absolute_error": "min",
    }

    def collector(self, labels: Sequence[str] | None) -> TargetCollector:
        """Raise TypeError: labels are an array, which is taken whole."""
        raise TypeError("labels of the task tensors are an array")

    def outputs(self, labels: Sequence[str]) -> int:
        """Return one logit a class, or a number."""
        return len(labels)

    def initial_bias(self, targets: np.ndarray) -> np.ndarray | None:
        """Return None: a new classifier starts as it is drawn."""
        return None

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return the classes, where there are any."""
        return targets if targets.ndim == 1 else None

    def metrics(self, logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
        """Return the metrics that the loss calls for."""
        return for_loss(self.loss)(logits, targets)

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return {"outputs": the network's numbers} a row; for cross-entropy "label" too, a class by number or name."""
        rows = [{"outputs": row} for row in logits.tolist()]
        if not isinstance(self.loss, CrossEntropy):
            return rows
        numbered = list(labels) == numbers_as_labels(len(labels))
        chosen = logits.argmax(axis=1).tolist()
        return [{"label": best if numbered else labels[best], **row} for best, row in zip(chosen, rows, strict=True)]


def numbers_as_labels(count: int) -> list[str]:
    """Return the names of outputs that have none: "0", "1", ..."""
    return [str(number) for number in range(count)]


def with_loss(task: Task, loss: Loss) -> Task:
    """Return a task as a run with this loss has it: the metrics and predictions of tensors are the loss's."""
    return replace(task, loss=loss) if isinstance(task, Tensors) else task
