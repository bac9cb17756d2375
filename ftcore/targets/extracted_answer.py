"""Defines the target of extractive question answering: an answer that occurs in the question's context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge
from pydantic import Field

from ftcore.contract import Learner, Want
from ftcore.contract.losses import AnswerSpan, Loss
from ftcore.data import Dataset, PreparedData, Row, TargetCollector, evaluation_batches
from ftcore.evaluation import Evaluated, finite_outputs
from ftcore.inputs import check_type
from ftcore.inputs.questions import QuestionDataset, QuestionPreparer
from ftcore.models import HeadKind, NewHead
from ftcore.models.heads import AnswerSpanHead
from ftcore.observer import RowsDone, nobody
from ftcore.parts import SpecPart
from ftcore.targets.base import Known, Modes, Objective, Prediction
from ftcore.targets.plain import PlainTarget
from ftcore.targets.span_search import Found, Search
from ftcore.targets.squad import judged, judged_apart


class AnswerSearch(SpecPart):
    """Which spans of a context may be an answer."""

    n_best: Annotated[int, Ge(1)] = Field(
        20,
        description="Number of tokens of a window that are tried as an answer's first token, and as its last.",
    )
    max_answer_length: Annotated[int, Ge(1)] = Field(30, description="Maximum tokens of an answer.")
    null_threshold: float = Field(
        0.0,
        description="Margin by which the score of 'no answer' must exceed the best answer's; only used if a training "
        "question has no answer.",
    )


class ExtractedAnswer(PlainTarget):
    """The first and the last token of an answer in its context; a context may have none."""

    name: ClassVar[str] = "extracted-answer"
    column: ClassVar[str] = "answers"
    losses: ClassVar[tuple[type[Loss], ...]] = (AnswerSpan,)
    metric: ClassVar[str] = "f1"
    modes: ClassVar[Modes] = {"loss": "min", "exact_match": "max", "f1": "max"}
    parts: ClassVar[tuple[type[SpecPart], ...]] = (AnswerSearch,)
    model_parts: ClassVar[tuple[type[SpecPart], ...]] = (NewHead,)

    def collector(self, labels: Sequence[str] | None) -> TargetCollector:
        """Raise TypeError: an answer is only checked together with its context."""
        raise TypeError("answers are read with their contexts")

    def head(self, labels: Sequence[str], pair: str) -> HeadKind:
        """Return a head with two logits per token."""
        return AnswerSpanHead()

    def objective(self, known: Known) -> "AnswerObjective":
        """Return the objective for a known model."""
        return AnswerObjective(self, known)

    def fits_config(self, head: str, problem_type: str) -> bool:
        """Return whether a transformers network has a question-answering head."""
        return head == AnswerSpanHead.name

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the problems of the target's fields in ftcore.json."""
        kinds = {"n_best": int, "max_answer_length": int, "null_threshold": float}
        given = [check_type(description, name, kind) for name, kind in kinds.items() if name in description]
        return [line for lines in given for line in lines]


class AnswerObjective(Objective):
    """Evaluates and predicts answers in contexts."""

    def notes(self, data: PreparedData) -> list[str]:
        """Return messages about training answers that no window has, or that are too long to be predicted."""
        sizes, longest = _questions(data.train).answer_tokens, self._settings.max_answer_length
        told = {
            "is whole in no window, so it is learned as no answer: raise data.stride or data.max_length": sizes == 0,
            f"has more than {longest} tokens, so it cannot be predicted: raise data.max_answer_length": sizes > longest,
        }
        rows = len(sizes)
        lines = [f"train: {of.sum():,} of {rows:,} rows: the answer {what}" for what, of in told.items() if of.any()]
        return [*lines, *super().notes(data)]

    def notes_of_split(self, where: str, split: Dataset) -> list[str]:
        """Return a note if a split has questions without an answer, and the model always answers."""
        questions = _questions(split)
        without = sum(not record.answers for record in questions.records())
        if not without or self._threshold(unknown=True) is not None:
            return []
        return [
            f"{where}: {without:,} of {len(questions.records()):,} questions have no answer, and count as 0: the model "
            "always answers, because every training question has an answer"
        ]

    def evaluated(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> Evaluated:
        """Return the loss, and exact match and F1 over questions, with the logits of every token and the answers."""
        searched, answers, right = self._answered(learner, dataset, progress)
        metrics = {"loss": searched.loss, **judged(answers, right)}
        return Evaluated(metrics, searched.logits, lambda: [{"answer": answer} for answer in answers])

    def evaluate_in_detail(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> dict[str, float]:
        """Return the same, and separate values for questions with and without an answer if a file has both."""
        searched, answers, right = self._answered(learner, dataset, progress)
        apart = judged_apart(answers, right) if len({bool(texts) for texts in right}) > 1 else {}
        return {"loss": searched.loss, **judged(answers, right), **apart}

    def predict(
        self, learner: Learner, dataset: Dataset, rows: Sequence[Row], columns: Mapping[str, str]
    ) -> list[Prediction]:
        """Return {"answer", "start", "end", "score", "null_score"} for each row.

        Scores are probabilities among the best spans and "no answer". If "no answer" is the result, `answer` is "", and
        `start` and `end` are null.
        """
        questions = _questions(dataset)
        found = self._searched(learner, questions, Want(logits=True), nobody).found
        contexts = [record.context for record in questions.records()]
        threshold = self._threshold(unknown=False)
        return [self._prediction(one, context, threshold) for one, context in zip(found, contexts, strict=True)]

    def described(self) -> dict[str, Any]:
        """Return the objective's part of ftcore.json."""
        return self._settings.model_dump()

    @property
    def _settings(self) -> AnswerSearch:
        given = self.known.fields or {}
        return AnswerSearch(**{name: given[name] for name in AnswerSearch.model_fields if name in given})

    def _threshold(self, unknown: bool) -> float | None:
        """Return the margin of "no answer"; None if every question gets an answer.

        Args:
            unknown: whether a question may get no answer if it is not known how the model was trained.
        """
        preparer = self.known.preparer
        learned = preparer.null_answers if isinstance(preparer, QuestionPreparer) else False
        return self._settings.null_threshold if (unknown if learned is None else learned) else None

    def _answered(
        self, learner: Learner, dataset: Dataset, progress: RowsDone
    ) -> tuple["_Searched", list[str], list[list[str]]]:
        """Return the search with its loss, the predicted answers, and the correct ones."""
        questions = _questions(dataset)
        searched = self._searched(learner, questions, Want(logits=True, loss=True), progress)
        records, threshold = questions.records(), self._threshold(unknown=questions.has_null_answers)
        answers = [
            _text(one.answer(threshold), record.context) for one, record in zip(searched.found, records, strict=True)
        ]
        return searched, answers, [record.answers for record in records]

    def _searched(self, learner: Learner, dataset: QuestionDataset, want: Want, progress: RowsDone) -> "_Searched":
        """Return the search result of each question, with the loss if requested."""
        kept: list[np.ndarray] = []
        search = Search(self._settings.n_best, self._settings.max_answer_length)
        numbers = np.unique(dataset.rows, return_inverse=True)[1]
        found = [Found() for _ in range(int(numbers.max()) + 1)]
        total, weight = 0.0, 0.0
        for batch in evaluation_batches(dataset):
            outputs = finite_outputs(learner, batch, want)
            if outputs.logits is None:
                raise TypeError("the backend did not return the requested logits")
            for logits, window in zip(outputs.logits, batch.example_ids.tolist(), strict=True):
                offsets = dataset.offsets(window)
                kept.append(logits[: len(offsets)].copy())
                found[numbers[window]].add(search, kept[-1], offsets)
            total += outputs.loss or 0.0
            weight += self.loss.weight(batch) if want.loss else 0.0
            progress(batch.examples)
        return _Searched(found, total / (weight or 1.0), np.concatenate(kept))

    def _prediction(self, found: Found, context: str, threshold: float | None) -> Prediction:
        span = found.answer(threshold)
        null, spans = found.probabilities()
        start, end = span or (None, None)
        score = null if span is None else spans[span]
        return {"answer": _text(span, context), "start": start, "end": end, "score": score, "null_score": null}


@dataclass(frozen=True)
class _Searched:
    """The search for answers: the result of each question, the loss, and logits, float [tokens, 2]."""

    found: list[Found]
    loss: float
    logits: np.ndarray


def _questions(dataset: Dataset) -> QuestionDataset:
    if not isinstance(dataset, QuestionDataset):
        raise TypeError("answers can only be searched in the contexts of questions")
    return dataset


def _text(span: tuple[int, int] | None, context: str) -> str:
    return "" if span is None else context[span[0] : span[1]]
