"""Who did what to whom, when and where: the arguments of a given predicate, with their roles."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ftcore.contract import Learner
from ftcore.data import PREDICATE, TOKENS, Dataset, WordValues
from ftcore.evaluation import evaluate
from ftcore.observer import RowsDone, nobody
from ftcore.targets.base import Known, Modes, Prediction
from ftcore.targets.label_codes import LabelCodes, label_text
from ftcore.targets.spans import OUTSIDE, SPAN_METRICS, is_bio, metrics_by_type, span_metrics, spans_of
from ftcore.targets.tags import Tags, TagsObjective, TagsTarget
from ftcore.targets.viterbi import best_tags

OF_PREDICATE = ("V", "C-V")
"""The types of the predicate's own words: it is given, so they are no arguments."""


class SemanticRoles(TagsTarget):
    """One of several BIO tags for each word, as arguments of one word of the sentence; no span is broken."""

    name: ClassVar[str] = "semantic-roles"
    metric: ClassVar[str] = "span_f1"
    modes: ClassVar[Modes] = {"loss": "min", **dict.fromkeys(SPAN_METRICS, "max")}

    def collector(self, labels: Sequence[str] | None) -> Tags:
        """Return a collector of a list of BIO tags a row."""
        return Tags(LabelCodes(labels), _role_text)

    def objective(self, known: Known) -> "RolesObjective":
        """Return the target, bound."""
        return RolesObjective(self, known, self)

    def initial_bias(self, targets: WordValues) -> np.ndarray:
        """Return the logarithm of each tag's share of the words, each counted once more (Lin et al. 2017, 3.3).

        Most words are outside, and there are many tags: a network that must learn that first loses what it knows of
        words, and stays there for long.
        """
        counts = np.bincount(targets.values, minlength=len(targets.labels)) + 1
        return np.asarray(np.log(counts / counts.sum()), dtype=np.float32)

    def metrics(self, logits: WordValues, targets: WordValues) -> dict[str, float]:
        """Return precision, recall and F1 of arguments, micro-averaged over roles.

        Args:
            logits: float [words, outputs], nan for a word that is not read, which is in no argument.
            targets: int32 [words], with labels.
        """
        return span_metrics(best_tags(logits, targets.labels), targets, _arguments_alone(targets.labels))

    def detailed_metrics(self, logits: WordValues, targets: WordValues) -> dict[str, float]:
        """Return the metrics, then "f1/ROLE", "precision/ROLE", "recall/ROLE" and "spans/ROLE" of every role."""
        found, names = best_tags(logits, targets.labels), _arguments_alone(targets.labels)
        return span_metrics(found, targets, names) | metrics_by_type(found, targets, names)

    def predictions(self, logits: WordValues, labels: Sequence[str]) -> list[Prediction]:
        """Return {"arguments": [{"role", "start", "end"}], "tags"} a row; `end` is the place after the last word."""
        found, names = best_tags(logits, labels), np.array([*labels, OUTSIDE])
        return [_prediction(names[codes].tolist()) for codes in WordValues(found, logits.counts).sentences()]


class RolesObjective(TagsObjective):
    """Roles of a predicate, bound."""

    def evaluate_in_detail(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> dict[str, float]:
        """Return the loss and metrics of a file, those of each role too."""
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
    """Return the tags, O in place of the predicate's own; the last, O, is that of a word that is not read."""
    return [OUTSIDE if label[2:] in OF_PREDICATE else label for label in (*labels, OUTSIDE)]


def _prediction(tags: list[str]) -> Prediction:
    arguments = [
        {"role": role, "start": start, "end": end} for role, start, end in spans_of(tags) if role not in OF_PREDICATE
    ]
    return {"arguments": arguments, "tags": tags}
