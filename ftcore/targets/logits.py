"""Defines the base of targets whose metrics and predictions come from logits."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Protocol, get_args

import numpy as np

from ftcore.contract import Learner
from ftcore.contract.network import Pooling
from ftcore.data import CountedDataset, Dataset, Row, WordValues
from ftcore.errors import DataError
from ftcore.evaluation import Evaluated, logits_of, loss_and_logits, targets_of, weights_of
from ftcore.inputs import check_choice, check_type
from ftcore.models import HeadKind, ModelPlan, NewHead, PooledHead, SequenceHead
from ftcore.observer import RowsDone, nobody
from ftcore.parts import SpecPart
from ftcore.targets.base import Known, Objective, Prediction
from ftcore.targets.initial_head import with_initial_bias
from ftcore.targets.plain import PlainTarget


class ReadOffLogits(Protocol):
    """A target whose metrics and predictions come from logits."""

    def metrics(self, logits: Any, targets: Any, weights: np.ndarray | None = None) -> dict[str, float]:
        """Return every metric except the loss of a whole split.

        Logits are float [examples, outputs], and targets are as their collector gives them; for tasks of words both are
        WordValues. Vectors are [examples, sequences, hidden]. Weights are float32 [examples] or [words], the weight of
        each in the metrics; None for 1.
        """
        ...

    def predictions(self, logits: Any, labels: Sequence[str]) -> list[Prediction]:
        """Return one JSON object per row; logits as in `metrics`."""
        ...

    def undefined(self, targets: Any) -> dict[str, str]:
        """Return the metrics that targets leave undefined whatever is predicted, each with the reason."""
        ...

    def initial_bias(self, targets: Any) -> np.ndarray | None:
        """Return the initial bias of a new classifier, float32 [outputs], given train's targets; None for zero."""
        ...


class LogitsObjective(Objective):
    """A bound target whose metrics and predictions come from logits."""

    def __init__(self, target: Any, known: Known, reading: ReadOffLogits) -> None:
        super().__init__(target, known)
        self.reading = reading

    def undefined(self, split: Dataset) -> dict[str, str]:
        """Return the metrics that a split leaves undefined whatever is predicted, each with the reason."""
        return self.reading.undefined(targets_of(split))

    def initialized(self, model: ModelPlan, train: CountedDataset) -> ModelPlan:
        """Return the model; a new classifier's initial bias is set from the training targets."""
        return with_initial_bias(model, self.reading.initial_bias(targets_of(train)))

    def described(self) -> dict[str, Any]:
        """Return this target's fields of ftcore.json."""
        return {"labels": self.labels}

    def evaluated(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> Evaluated:
        """Return the loss and metrics of a split, with the logits and predictions."""
        loss, logits = loss_and_logits(learner, dataset, self.loss, progress)
        values = logits.values if isinstance(logits, WordValues) else logits
        metrics = {"loss": loss, **self.reading.metrics(logits, targets_of(dataset), weights_of(dataset))}
        return Evaluated(metrics, values, partial(self.reading.predictions, logits, self.labels))

    def predict(
        self, learner: Learner, dataset: Dataset, rows: Sequence[Row], columns: Mapping[str, str]
    ) -> list[Prediction]:
        """Return a prediction for each example."""
        return self.reading.predictions(logits_of(learner, dataset), self.labels)


class LogitsTarget(PlainTarget):
    """The base of targets with logits for each example; each subclass adds the meaning of its logits."""

    model_parts: ClassVar[tuple[type[SpecPart], ...]] = (PooledHead, NewHead)
    fits_modules: ClassVar[bool] = True

    def outputs(self, labels: Sequence[str]) -> int:
        """Return the number of logits: one per label."""
        return len(labels)

    def initial_bias(self, targets: Any) -> np.ndarray | None:
        """Return None: the bias starts at zero. For the shapes see `ReadOffLogits.initial_bias`."""
        return None

    def undefined(self, targets: Any) -> dict[str, str]:
        """Return nothing: every metric is defined. For the shapes see `ReadOffLogits.undefined`."""
        return {}

    def check_labels(self, labels: Sequence[str], name: str) -> None:
        """Raise DataError if no row of the file `name` has a label."""
        if not self.outputs(labels):
            raise DataError(f"{name}: no row has a label, so there is nothing to learn")

    def head(self, labels: Sequence[str], pair: str) -> HeadKind:
        """Return a head with one vector of logits per example."""
        return SequenceHead(self.outputs(labels), "separate" if pair == "separate" else "joint")

    def fits_config(self, head: str, problem_type: str) -> bool:
        """Return whether this is a sequence classifier with the target's problem type."""
        return head == SequenceHead.name and bool(problem_type) and problem_type == self.problem_type

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the errors in the labels and the head in ftcore.json."""
        normalize = description.get("normalize", False)
        return [
            *check_type(description, "labels", list),
            *check_type(description, "outputs", int),
            *check_choice(description, "pair", ("joint", "separate")),
            *check_choice(description, "pooling", get_args(Pooling)),
            *([] if isinstance(normalize, bool) else [f"normalize is {normalize!r}, but must be true or false"]),
        ]


def same_label(where: str, labels: Sequence[str], targets: np.ndarray, what: str) -> list[str]:
    """Return a note if every `what` of a split, called `where`, has the same label, int [examples]."""
    if len(labels) < 2 or not len(targets) or np.ptp(targets):
        return []
    name = labels[int(targets[0])]
    return [f"{where}: every {what} has the label {name!r}, so its metrics say nothing of the other labels"]


def check_several(labels: Sequence[str], name: str, what: str) -> None:
    """Raise DataError if the file `name` has the same label for every `what`."""
    if len(labels) == 1:
        raise DataError(f"{name}: every {what} has the label {labels[0]!r}: classification needs at least two labels")
