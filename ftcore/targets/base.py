"""Defines the interface of a kind of target: its column, losses, metrics, head, evaluation and predictions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from ftcore.contract import Learner
from ftcore.contract.losses import Loss
from ftcore.data import ColumnRules, CountedDataset, Dataset, Form, PreparedData, Row, RowEncoder, TargetCollector
from ftcore.errors import SpecError
from ftcore.evaluation import Evaluated, Judged
from ftcore.generation import GenerationSpec
from ftcore.inputs import Preparer, WholeSpec
from ftcore.models import HeadKind, ModelPlan
from ftcore.observer import RowsDone, nobody
from ftcore.parts import Problems, SpecPart

Mode = Literal["max", "min"]
Modes = Mapping[str, Mode]
"""Metrics, and whether a higher or lower value of each is better."""
ClassMetrics = Callable[[np.ndarray, np.ndarray, np.ndarray | None], dict[str, float]]
"""A function of scores, float [examples, classes], classes, int32 [examples], and weights, float32 [examples] or None,
that returns named numbers."""
Prediction = dict[str, Any]
"""The prediction for a row, as a JSON object."""


@dataclass(frozen=True)
class Known:
    """The facts of a run or finished model to which a target is bound.

    Attributes:
        labels: the labels in order; [] if the target has none.
        loss: the loss's definition.
        preparer: makes the examples.
        model: the network; None for a user's own module.
        fields: the target's fields of the `data` part, by name, as in a spec or ftcore.json.
        generation: how texts are generated.
    """

    labels: Sequence[str]
    loss: Loss
    preparer: Preparer
    model: ModelPlan | None = None
    fields: Mapping[str, Any] | None = None
    generation: GenerationSpec | None = None


@dataclass(frozen=True)
class BestMetric:
    """The validation metric that determines the best evaluation.

    Attributes:
        name: the metric's name.
        mode: whether a higher or lower value is better.
    """

    name: str
    mode: Mode


class Objective:
    """A target bound to its labels, loss and model, for training, evaluation and prediction.

    Args:
        target: the kind of target.
        known: the facts of the run or finished model.
    """

    def __init__(self, target: Any, known: Known) -> None:
        self.target = target
        self.known = known

    @property
    def loss(self) -> Loss:
        """The loss's definition."""
        return self.known.loss

    @property
    def labels(self) -> list[str]:
        """The labels in order; [] if there are none."""
        return list(self.known.labels)

    def check(self, data: PreparedData) -> None:
        """Raise DataError if the loss or the target cannot read the data."""

    def notes(self, data: PreparedData) -> list[str]:
        """Return messages for the user about what cannot be learned from the data, or not measured on it."""
        return [note for name, split in data.evaluated.items() for note in self.notes_of_split(name, split)]

    def check_lengths(self) -> None:
        """Raise SpecError if the model has too few positions for the texts that are generated."""

    def undefined(self, split: Dataset) -> dict[str, str]:
        """Return the metrics that a split leaves undefined whatever is predicted, each with the reason."""
        return {}

    def notes_of_split(self, where: str, split: Dataset) -> list[str]:
        """Return messages for the user about metrics that a split, called `where`, leaves undefined."""
        return [left_out(where, name, reason) for name, reason in self.undefined(split).items()]

    def measured(self, split: Dataset) -> Sequence[str]:
        """Return the metrics of a split, also those that may be undefined."""
        return list(self.target.modes_of(self.loss.name))

    def notes_of_metrics(self, where: str, split: Dataset, metrics: Mapping[str, float]) -> list[str]:
        """Return messages for the user about metrics that the predictions for a split have left undefined."""
        known, reasons = self.undefined(split), self.target.undefined_if
        missing = [name for name in self.measured(split) if name in reasons and name not in {*metrics, *known}]
        return [left_out(where, name, reasons[name]) for name in missing]

    def check_split(self, where: str, split: CountedDataset) -> None:
        """Raise DataError if a file, called `where` in errors, cannot be evaluated."""

    def best_metric(self, asked: str | None, mode: Mode | None, data: PreparedData) -> BestMetric:
        """Return the metric that determines the best evaluation.

        Args:
            asked: the metric that the spec names, or None.
            mode: whether the spec prefers a higher or lower value, or None.
            data: the splits.

        Without a metric in the spec, it is the target's own, or the loss if validation leaves that undefined.

        Raises:
            SpecError: the data does not have the metric.
        """
        name = asked or self.own_metric(data)
        undefined = {} if data.validation is None else self.undefined(data.validation)
        if name in undefined and asked is not None:
            raise SpecError(f"training.best.metric: {name} is undefined on validation: {undefined[name]}")
        modes = self.target.modes_of(self.loss.name)
        return BestMetric("loss", "min") if name in undefined else BestMetric(name, mode or modes[name])

    def own_metric(self, data: PreparedData) -> str:
        """Return the metric that determines the best evaluation by default."""
        return str(self.target.metric)

    def initialized(self, model: ModelPlan, train: CountedDataset) -> ModelPlan:
        """Return the model with the initial values of a new head, and with what its result says about generation."""
        return model

    def evaluate(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> dict[str, float]:
        """Return the loss and metrics of a split."""
        return self.evaluated(learner, dataset, progress).metrics

    def evaluated(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> Evaluated:
        """Return the loss and metrics of a split, with the outputs and predictions behind them."""
        raise NotImplementedError

    def evaluate_in_detail(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> dict[str, float]:
        """Return the loss and metrics of a file, with those that are too many or too costly during training."""
        return self.evaluate(learner, dataset, progress)

    def judge(self, learner: Learner) -> Callable[[Dataset], Judged] | None:
        """Return a function for metrics of generated texts, too costly for every evaluation; None if there are none."""
        return None

    def row_encoder(self, columns: Mapping[str, str], pair: str, forms: tuple[Form, ...]) -> RowEncoder | None:
        """Return the encoder of rows to predict; None if only whole files can be read."""
        return self.known.preparer.row_encoder(ColumnRules(columns, pair, None, forms))

    def predict(
        self, learner: Learner, dataset: Dataset, rows: Sequence[Row], columns: Mapping[str, str]
    ) -> list[Prediction]:
        """Return a prediction for each example.

        Args:
            learner: the network.
            dataset: the examples.
            rows: the rows of which the examples were made.
            columns: the file's name of each column, by ftcore's name.
        """
        raise NotImplementedError

    def described(self) -> dict[str, Any]:
        """Return this target's fields of ftcore.json."""
        return {}

    def judged_by(self, split: Dataset) -> Mapping[str, str]:
        """Return the library that computes each metric of a split's generated texts, with its settings."""
        return {}

    def about(self, data: PreparedData) -> dict[str, Any]:
        """Return this target's fields of result.json that are known before training."""
        return {"labels": self.labels}


class Target(Protocol):
    """One kind of target."""

    name: ClassVar[str]
    """The registered name."""
    column: ClassVar[str]
    """Ftcore's name of the column that is learned; "" if the target has no column."""
    free_columns: ClassVar[bool]
    """Whether the files of a run may have different columns."""
    losses: ClassVar[tuple[type[Loss], ...]]
    """The losses that fit the target, the default first."""
    metric: ClassVar[str]
    """The metric that determines the best evaluation."""
    modes: ClassVar[Modes]
    """All metrics; "loss" is always included."""
    undefined_if: ClassVar[Mapping[str, str]]
    """The metrics that some predictions leave undefined, and which; such a metric is absent."""
    parts: ClassVar[tuple[type[SpecPart], ...]]
    """The target's fields of the spec's `data` part."""
    model_parts: ClassVar[tuple[type[SpecPart], ...]]
    """The target's fields of the spec's `model` part."""
    fits_modules: ClassVar[bool]
    """Whether a user's own module can learn it."""
    writes: ClassVar[bool]
    """Whether its models generate texts, so that the spec has a `generation` part."""
    problem_type: ClassVar[str]
    """The `problem_type` in a Hugging Face config; "" if it has none."""

    @property
    def class_metrics(self) -> ClassMetrics | None:
        """Return the metrics function of targets with one class per example; else None."""
        ...

    def modes_of(self, loss: str) -> Modes:
        """Return the metrics of a run with the loss of this name."""
        ...

    def configured(self, data: SpecPart) -> "Target":
        """Return the target with its fields of a spec's `data` part that decide how rows are read."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return the fields that decide how rows are read, for the cache's key."""
        ...

    def collector(self, labels: Sequence[str] | None) -> TargetCollector:
        """Return a collector; it rejects labels other than the given ones, or without any finds and sorts them."""
        ...

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return int [rows], the classes whose proportions a split keeps, or None; see `Dataset.targets`."""
        ...

    def check_labels(self, labels: Sequence[str], name: str) -> None:
        """Raise DataError if the labels of the file `name` leave nothing to learn."""
        ...

    def head(self, labels: Sequence[str], pair: str) -> HeadKind:
        """Return the head of the target's networks."""
        ...

    def problems(self, spec: WholeSpec) -> Problems:
        """Return the conflicts between this target's fields and others of the spec."""
        ...

    def objective(self, known: Known) -> Objective:
        """Return the bound target."""
        ...

    def stored_form(self, form: Form) -> Form:
        """Return the example columns to store in ftcore.json, given those of train."""
        ...

    def fits_config(self, head: str, problem_type: str) -> bool:
        """Return whether a classifier of transformers with this kind of head and problem type fits the target."""
        ...

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the errors in this target's fields of ftcore.json, one line per error."""
        ...


def left_out(where: str, name: str, reason: str) -> str:
    """Return the message that a metric of a split, called `where`, is undefined."""
    return f"{where}: {name} is undefined and left out: {reason}"


def with_tensors(model: ModelPlan, values: Mapping[str, np.ndarray]) -> ModelPlan:
    """Return a model with new values of some parameters, by checkpoint name; each has its parameter's own shape."""
    return replace(model, tensors={**model.tensors, **values})
