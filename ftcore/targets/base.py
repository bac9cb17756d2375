"""What every kind of target is: its column, losses, metrics, head, evaluation and predictions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from ftcore.contract import Learner
from ftcore.contract.losses import Loss
from ftcore.data import ColumnRules, CountedDataset, Dataset, Form, PreparedData, Row, RowEncoder, TargetCollector
from ftcore.generation import GenerationSpec
from ftcore.inputs import Preparer, WholeSpec
from ftcore.models import HeadKind, ModelPlan
from ftcore.observer import RowsDone, nobody
from ftcore.parts import Problems, SpecPart

Mode = Literal["max", "min"]
Modes = Mapping[str, Mode]
"""Metrics, and whether more or less of each is better."""
ClassMetrics = Callable[[np.ndarray, np.ndarray], dict[str, float]]
"""From scores, float [examples, classes], and classes, int32 [examples], to named numbers."""
Prediction = dict[str, Any]
"""What is predicted of a row, as a JSON object."""


@dataclass(frozen=True)
class Known:
    """What a run, or a finished model, knows when its target is bound.

    Attributes:
        labels: in order; [] where the target has none.
        loss: the loss's definition.
        preparer: makes the examples.
        model: the network; None for a module of the user's own.
        fields: the target's fields of the `data` part, by name, as a spec or ftcore.json gives them.
        generation: how texts are written.
    """

    labels: Sequence[str]
    loss: Loss
    preparer: Preparer
    model: ModelPlan | None = None
    fields: Mapping[str, Any] | None = None
    generation: GenerationSpec | None = None


@dataclass(frozen=True)
class BestMetric:
    """Which validation metric tells the best evaluation.

    Attributes:
        name: of the metric.
        mode: whether more or less of it is better.
    """

    name: str
    mode: Mode


class Objective:
    """A target that is bound to its labels, loss and model: what a run trains for, and what its result is asked.

    Args:
        target: the kind of target.
        known: of the run, or of a finished model.
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
        """In order; [] where there are none."""
        return list(self.known.labels)

    def check(self, data: PreparedData) -> None:
        """Raise DataError where the loss or the target cannot read the data."""

    def check_split(self, where: str, split: CountedDataset) -> None:
        """Raise DataError where a file, called `where` in errors, cannot be evaluated."""

    def best_metric(self, asked: str | None, mode: Mode | None, data: PreparedData) -> BestMetric:
        """Return the metric that tells the best evaluation.

        Args:
            asked: the metric that the spec names, or None.
            mode: whether the spec wants more or less of it, or None.
            data: the splits.

        Raises:
            SpecError: the data does not have the metric.
        """
        name = asked or self.target.metric
        return BestMetric(name, mode or self.target.modes_of(self.loss.name)[name])

    def initialized(self, model: ModelPlan, train: CountedDataset) -> ModelPlan:
        """Return the model with the values that a new head starts from, given the training targets."""
        return model

    def evaluate(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> dict[str, float]:
        """Return the loss and metrics of a split."""
        raise NotImplementedError

    def evaluate_in_detail(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> dict[str, float]:
        """Return the loss and metrics of a file, with those that are too many or too costly for a training."""
        return self.evaluate(learner, dataset, progress)

    def judge(self, learner: Learner) -> Callable[[Dataset], dict[str, float]] | None:
        """Return what judges the result, at a cost that is too high for every evaluation; None where nothing does."""
        return None

    def row_encoder(self, columns: Mapping[str, str], pair: str, forms: tuple[Form, ...]) -> RowEncoder | None:
        """Return what makes examples of rows to predict; None where only whole files are read."""
        return self.known.preparer.row_encoder(ColumnRules(columns, pair, None, forms))

    def predict(
        self, learner: Learner, dataset: Dataset, rows: Sequence[Row], columns: Mapping[str, str]
    ) -> list[Prediction]:
        """Return a prediction for each example.

        Args:
            learner: the network.
            dataset: the examples.
            rows: what they were made of.
            columns: ftcore's name: the file's.
        """
        raise NotImplementedError

    def described(self) -> dict[str, Any]:
        """Return its part of ftcore.json."""
        return {}

    def about(self, data: PreparedData) -> dict[str, Any]:
        """Return its fields of result.json that are known before the training."""
        return {"labels": self.labels}


class Target(Protocol):
    """One kind of target."""

    name: ClassVar[str]
    """Its registered name."""
    column: ClassVar[str]
    """ftcore's name of the column that is learned; "" where no column is."""
    free_columns: ClassVar[bool]
    """Whether the files of a run may differ in the columns of their rows."""
    losses: ClassVar[tuple[type[Loss], ...]]
    """The losses that fit, the default one first."""
    metric: ClassVar[str]
    """The metric that tells the best evaluation."""
    modes: ClassVar[Modes]
    """Every metric; "loss" is always there."""
    parts: ClassVar[tuple[type[SpecPart], ...]]
    """Its fields of the spec's `data` part."""
    model_parts: ClassVar[tuple[type[SpecPart], ...]]
    """Its fields of the spec's `model` part."""
    fits_modules: ClassVar[bool]
    """Whether a module of the user's own can learn it."""
    writes: ClassVar[bool]
    """Whether a model of it writes texts, so that the spec has a `generation` part."""
    problem_type: ClassVar[str]
    """`problem_type` of a Hugging Face config; "" where it has none."""

    @property
    def class_metrics(self) -> ClassMetrics | None:
        """Return what measures classes, where an example has one of several; None where it has not."""
        ...

    def modes_of(self, loss: str) -> Modes:
        """Return the metrics of a run with a loss, by its name."""
        ...

    def collector(self, labels: Sequence[str] | None) -> TargetCollector:
        """Return a collector; with labels given, another label is wrong, else they are found and sorted."""
        ...

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return int [rows]: what a held-out split keeps in proportion; None where nothing is."""
        ...

    def check_labels(self, labels: Sequence[str], name: str) -> None:
        """Raise DataError where the labels of the file `name` leave nothing to learn."""
        ...

    def head(self, labels: Sequence[str], pair: str) -> HeadKind:
        """Return the head of its networks."""
        ...

    def problems(self, spec: WholeSpec) -> Problems:
        """Return what is wrong between its fields and others of the spec."""
        ...

    def objective(self, known: Known) -> Objective:
        """Return the target, bound."""
        ...

    def stored_form(self, form: Form) -> Form:
        """Return the columns of an example that ftcore.json names, given those of train."""
        ...

    def fits_config(self, head: str, problem_type: str) -> bool:
        """Return whether a classifier of transformers, with this kind of head and problem type, is for it."""
        ...

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return what is wrong with its fields of ftcore.json, one line each."""
        ...


def with_tensors(model: ModelPlan, values: Mapping[str, np.ndarray]) -> ModelPlan:
    """Return a model with other values of some parameters, by checkpoint name."""
    return replace(model, tensors={**model.tensors, **values})
