"""Defines the target of any number of labels per example."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ftcore.contract.losses import BinaryCrossEntropy, Loss
from ftcore.data import Dataset
from ftcore.parts import SpecPart, part
from ftcore.targets.base import Known, Modes, Prediction
from ftcore.targets.label_lists import BitText, FoundText, LabelText, SeparatedText
from ftcore.targets.label_sets import FoundSets, IndicatorSets, LabelSets, NamedSets, Sets
from ftcore.targets.logits import LogitsObjective, LogitsTarget
from ftcore.targets.settings import LabelForm, LabelOrder, LabelSetForm

FORMS: Mapping[LabelForm | None, Callable[[Sequence[str] | None], Sets]] = {
    None: FoundSets,
    "names": NamedSets,
    "indicators": IndicatorSets,
}
"""The collectors of rows of each form, given the labels."""


@dataclass(frozen=True)
class SeveralLabels(LogitsTarget):
    """Several labels, each of which an example has or not.

    Attributes:
        separator: what separates the labels of a text; None to see it in the texts.
        form: whether rows name their labels, or are vectors of zeros and ones; None to see it in the rows.
    """

    separator: str | None = None
    form: LabelForm | None = None

    name: ClassVar[str] = "several-labels"
    column: ClassVar[str] = "labels"
    problem_type: ClassVar[str] = "multi_label_classification"
    losses: ClassVar[tuple[type[Loss], ...]] = (BinaryCrossEntropy,)
    metric: ClassVar[str] = "micro_f1"
    modes: ClassVar[Modes] = {"loss": "min", "micro_f1": "max", "macro_f1": "max", "exact_match": "max"}
    parts: ClassVar[tuple[type[SpecPart], ...]] = (LabelSetForm, LabelOrder)

    def configured(self, data: SpecPart) -> "SeveralLabels":
        """Return the target with the form of labels that a spec gives."""
        given = part(data, LabelSetForm)
        return SeveralLabels(given.label_separator, given.label_form)

    def facts(self) -> dict[str, Any]:
        """Return the form of labels."""
        return {"label_separator": self.separator, "label_form": self.form}

    def collector(self, labels: Sequence[str] | None) -> LabelSets:
        """Return a collector of a list or a text of labels per row, or of vectors of zeros and ones."""
        text: LabelText = FoundText(labels is not None) if self.form != "indicators" else BitText()
        sets = FORMS[self.form]
        return LabelSets(text if self.separator is None else SeparatedText(self.separator), sets(labels))

    def objective(self, known: Known) -> "LabelSetsObjective":
        """Return the bound target."""
        return LabelSetsObjective(self, known, self)

    def metrics(self, logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
        """Return micro and macro F1 and the share of rows with exactly the right labels, at probability 0.5.

        Both F1 are absent if no row has a label. Macro F1 is the mean over labels that occur or are predicted.

        Args:
            logits: float [examples, labels].
            targets: float32 [examples, labels].
            weights: float32 [examples]; None for 1.
        """
        from sklearn.metrics import accuracy_score, f1_score

        predicted, wanted = (logits > 0).astype(np.int32), targets.astype(np.int32)
        # sklearn would read a single column as the two classes 0 and 1.
        micro, macro = ("micro", "macro") if wanted.shape[1] > 1 else ("binary", "binary")
        given: dict[str, Any] = {"sample_weight": weights}
        scores = {
            "micro_f1": float(f1_score(wanted, predicted, average=micro, zero_division=np.nan, **given)),
            "macro_f1": float(f1_score(wanted, predicted, average=macro, zero_division=np.nan, **given)),
            "exact_match": float(accuracy_score(wanted, predicted, **given)),
        }
        return {name: value for name, value in scores.items() if name not in self.undefined(targets)}

    def undefined(self, targets: np.ndarray) -> dict[str, str]:
        """Return both F1 if no row has a label; targets are float32 [examples, labels]."""
        return {} if targets.any() else dict.fromkeys(("micro_f1", "macro_f1"), "no row has a label")

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[Prediction]:
        """Return {"labels": those above 0.5, "scores": {label: probability}} per row, from logits [rows, labels]."""
        probabilities = np.exp(-np.logaddexp(0.0, -logits.astype(np.float64)))
        return [
            {
                "labels": [label for label, score in zip(labels, row, strict=True) if score > 0.5],
                "scores": dict(zip(labels, row.tolist(), strict=True)),
            }
            for row in probabilities
        ]


class LabelSetsObjective(LogitsObjective):
    """The bound target of several labels."""

    def notes_of_split(self, where: str, split: Dataset) -> list[str]:
        """Return notes about undefined metrics, and about labels that no row of a split has."""
        missing = [self.labels[place] for place in np.flatnonzero(~split.targets.astype(bool).any(axis=0))]
        if not missing or len(missing) == len(self.labels):
            return super().notes_of_split(where, split)
        return [f"{where}: no row has {', '.join(missing)}: macro_f1 counts such a label only where it is predicted"]

    def described(self) -> dict[str, Any]:
        """Return this target's fields of ftcore.json: the labels, and their form if the spec gives it."""
        fields = self.known.fields or {}
        given = {name: fields.get(name) for name in LabelSetForm.model_fields}
        return {**super().described(), **{name: value for name, value in given.items() if value is not None}}
