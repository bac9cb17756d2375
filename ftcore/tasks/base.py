"""What every task is: the columns it needs, its targets, default loss, metrics, and how predictions read."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np

from ftcore.contract.losses import Loss
from ftcore.contract.network import Input
from ftcore.data.forms import Form

Unit = Literal["sequence", "token", "vector"]
"""What a network has logits for: a sequence, every token of it, or nothing, for its vector is what is wanted."""
Reads = Input | Literal["arrays"]
"""What a task gives a network: as `Architecture.reads`, or arrays that are ready for whichever it is."""


class TargetCollector(Protocol):
    """Gathers the targets of a file, row by row, in compact arrays."""

    def add(self, value: object) -> None:
        """Take one row's value, None where a file may lack them all; raises ValueError with the reason if wrong."""
        ...

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels in order ([] where the task has none) and the targets of all rows.

        Targets are int32 [rows] or float32 [rows, outputs]; of a task of words int32 [words], row after row.
        """
        ...


class Task(Protocol):
    """One kind of task."""

    name: ClassVar[str]
    forms: ClassVar[tuple[Form, ...]]
    """The columns that an example may be made of: one of these."""
    target: ClassVar[str]
    """ftcore's name of the column that is learned; a file may lack forms.SCORE."""
    problem_type: ClassVar[str]
    """`problem_type` of a Hugging Face config; "" where it has none."""
    losses: ClassVar[tuple[type[Loss], ...]]
    """The losses that fit the task, the default one first."""
    metric: ClassVar[str]
    """The metric that tells the best evaluation."""
    modes: ClassVar[Mapping[str, Literal["max", "min"]]]
    """Every metric and whether more or less is better; "loss" is always there."""

    @property
    def reads(self) -> Reads:
        """What a network of the task is given."""
        ...

    @property
    def unit(self) -> Unit:
        """What the network has logits for: whole sequences, or every token of them; or it stops at their vectors."""
        ...

    def collector(self, labels: Sequence[str] | None) -> TargetCollector:
        """Return a collector; with labels given, another label is wrong, else they are found and sorted."""
        ...

    def outputs(self, labels: Sequence[str]) -> int:
        """Return the number of logits; 0 where the network stops at its vectors."""
        ...

    def initial_bias(self, targets: Any) -> np.ndarray | None:
        """Return where a new classifier's bias starts, float32 [outputs], given those of train; None for zero.

        Targets are as in `metrics`.
        """
        ...

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return int [rows]: what a held-out split keeps in proportion; None where nothing is."""
        ...

    def metrics(self, logits: Any, targets: Any) -> dict[str, float]:
        """Return every metric but the loss over a whole split.

        Logits are float [examples, outputs] with targets as `TargetCollector.finish` gives them; both are Words in a
        task of words. Of vectors they are [examples, sequences, hidden].
        """
        ...

    def predictions(self, logits: Any, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return one JSON object a row; logits as in `metrics`."""
        ...


@runtime_checkable
class Detailed(Protocol):
    """A task that has more to say of a file than its metrics: too much for every evaluation of a run."""

    def detailed_metrics(self, logits: Any, targets: Any) -> dict[str, float]:
        """Return the metrics, then "METRIC/PART" of each part; the arguments are those of `Task.metrics`."""
        ...
