"""Defines the target of semantic role labeling: the arguments of a given predicate and their roles."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ftcore.contract import Learner
from ftcore.data import PREDICATE, TOKENS, Dataset, WordValues
from ftcore.evaluation import evaluate
from ftcore.observer import RowsDone, nobody
from ftcore.targets.base import Known, Modes, Prediction
from ftcore.targets.label_codes import LabelCodes, label_text
from ftcore.targets.span_schemes import OUTSIDE
from ftcore.targets.spans import (
    NO_SPANS,
    SPAN_METRICS,
    is_bio,
    metrics_by_type,
    no_spans,
    span_metrics,
    spans_of,
)
from ftcore.targets.tags import Tags, TagsObjective, TagsTarget
from ftcore.targets.viterbi import best_tags

OF_PREDICATE = ("V", "C-V")
"""The types of the predicate's own words, which are given and therefore not arguments."""


class SemanticRoles(TagsTarget):
    """One BIO tag per word, for the arguments of the predicate; predicted tags always form valid spans."""

    name: ClassVar[str] = "semantic-roles"
    metric: ClassVar[str] = "span_f1"
    modes: ClassVar[Modes] = {"loss": "min", **dict.fromkeys(SPAN_METRICS, "max")}

    def collector(self, labels: Sequence[str] | None) -> Tags:
        """Return a collector of a list of BIO tags per row."""
        return Tags(LabelCodes(labels), _role_text)

    def objective(self, known: Known) -> "RolesObjective":
        """Return the bound target."""
        return RolesObjective(self, known, self)

    def initial_bias(self, targets: WordValues) -> np.ndarray:
        """Return the logarithm of each tag's share of the words, with add-one smoothing (Lin et al. 2017, 3.3).

        The result is float32 [outputs]. Most words are outside and tags are many: a network that must learn this
        first forgets part of its pretraining, and stays at this stage for long.
        """
        counts = np.bincount(targets.values, minlength=len(targets.labels)) + 1
        return np.asarray(np.log(counts / counts.sum()), dtype=np.float32)

    def metrics(self, logits: WordValues, targets: WordValues, weights: np.ndarray | None = None) -> dict[str, float]:
        """Return precision, recall and F1 of arguments, micro-averaged over roles.

        Args:
            logits: float [words, outputs], NaN for a word that is not read, which counts as outside.
            targets: int32 [words], with labels.
            weights: float32 [words], which change nothing: each span counts once.
        """
        return span_metrics(best_tags(logits, targets.labels), targets, _arguments_alone(targets.labels))

    def undefined(self, targets: WordValues) -> dict[str, str]:
        """Return every metric if no word belongs to an argument."""
        hollow = no_spans(targets.values, _arguments_alone(targets.labels))
        return dict.fromkeys(SPAN_METRICS, NO_SPANS) if hollow else {}

    def detailed_metrics(
        self, logits: WordValues, targets: WordValues, weights: np.ndarray | None = None
    ) -> dict[str, float]:
        """Return the metrics, then "f1/ROLE", "precision/ROLE", "recall/ROLE" and "spans/ROLE" for every role.

        For the arguments, such as weights [words], see `metrics`.
        """
        found, names = best_tags(logits, targets.labels), _arguments_alone(targets.labels)
        return span_metrics(found, targets, names) | metrics_by_type(found, targets, names)

    def predictions(self, logits: WordValues, labels: Sequence[str]) -> list[Prediction]:
        """Return {"arguments": [{"role", "start", "end"}], "tags"} per row; `end` is the index after the last word."""
        found, names = best_tags(logits, labels), np.array([*labels, OUTSIDE])
        return [_prediction(names[codes].tolist()) for codes in WordValues(found, logits.counts).sentences()]


class RolesObjective(TagsObjective):
    """The bound target of a predicate's roles."""

    def evaluate_in_detail(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> dict[str, float]:
        """Return the loss and metrics of a file, also for each role."""
        return evaluate(learner, dataset, self.loss, SemanticRoles().detailed_metrics, progress)

    def beside(self, given: Mapping[str, Any], prediction: Prediction) -> Prediction:
        """Return a prediction with the words of the predicate and of each argument."""
        words, index = given[TOKENS], given[PREDICATE]
        arguments = [
            {"role": one["role"], "text": " ".join(words[one["start"] : one["end"]]), **one}
            for one in prediction["arguments"]
        ]
        return {
            TOKENS: words,
            "predicate": words[index],
            PREDICATE: index,
            "arguments": arguments,
            "tags": prediction["tags"],
        }


def _role_text(value: object) -> str:
    text = label_text(value)
    if not is_bio(text):
        raise ValueError(f"{text!r} is not O, B-ROLE or I-ROLE")
    return text


def _arguments_alone(labels: Sequence[str]) -> list[str]:
    """Return the tags with O in place of the predicate's own, and a last O for words that are not read."""
    return [OUTSIDE if label[2:] in OF_PREDICATE else label for label in (*labels, OUTSIDE)]


def _prediction(tags: list[str]) -> Prediction:
    arguments = [
        {"role": role, "start": start, "end": end} for role, start, end in spans_of(tags) if role not in OF_PREDICATE
    ]
    return {"arguments": arguments, "tags": tags}
