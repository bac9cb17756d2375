"""Reads and checks a row: a question, its context and its answers."""

import json
import reprlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ftcore.data import Columns, text_of

QUESTION, CONTEXT = "question", "context"
"""ftcore's names of the columns of an example."""
START, STARTS = "start", "answer_start"
"""Names that a row may use for the position of an answer in its context."""
TEXT = "text"
FORMS = '{"text": [...], "answer_start": [...]}, a list of {"text": ..., "start": ...}, or [] for no answer'
"""The forms of answers, in errors."""


class Answer(NamedTuple):
    """An answer that occurs in a context.

    Attributes:
        text: text of the answer.
        start: position of its first character, from 0.
    """

    text: str
    start: int

    @property
    def end(self) -> int:
        """Position after the last character."""
        return self.start + len(self.text)


class QuestionRow(NamedTuple):
    """A question, a context and the correct answers; () if the context has none."""

    question: str
    context: str
    answers: tuple[Answer, ...] = ()


def question_row(values: Mapping[str, object], columns: Columns) -> QuestionRow:
    """Return a row in the form to encode; raise ValueError with the reason if it is wrong."""
    question, context = (text_of(values, own, columns.texts[own]) for own in (QUESTION, CONTEXT))
    if columns.target is None:
        return QuestionRow(question, context)
    answers = tuple(_answers(values.get(columns.target[1])))
    for place, answer in enumerate(answers):
        _check_stands(answer, context, f"answers[{place}]")
    return QuestionRow(question, context, answers)


def _answers(given: object) -> list[Answer]:
    """Return the answers in a value: lists of texts and starts, a list of answers, or either as JSON."""
    if given is None:
        raise ValueError("the answers are missing: an unanswerable question has an empty list")
    if isinstance(given, str):
        given = _parsed(given)
    if isinstance(given, Mapping):
        return _of_lists(given)
    if isinstance(given, list | tuple | np.ndarray):
        return [_of_object(one, f"answers[{place}]") for place, one in enumerate(given)]
    raise ValueError(f"the answers are not {FORMS}: {reprlib.repr(given)}")


def _parsed(text: str) -> object:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict | list):
        return found
    raise ValueError(f"the answers are text that is not {FORMS} as JSON: {reprlib.repr(text)}")


def _of_lists(given: Mapping[str, Any]) -> list[Answer]:
    texts, starts = (_listed(given, name) for name in (TEXT, STARTS))
    if len(texts) != len(starts):
        raise ValueError(f"the answers have {len(texts)} texts and {len(starts)} starts: give one start for each text")
    pairs = enumerate(zip(texts, starts, strict=True))
    return [_answer(text, start, f"answers[{place}]") for place, (text, start) in pairs]


def _listed(given: Mapping[str, Any], name: str) -> list[Any]:
    if name not in given:
        raise ValueError(f"answers.{name} is missing")
    found = given[name]
    if not isinstance(found, list | tuple | np.ndarray):
        raise ValueError(f"answers.{name} is not a list but {reprlib.repr(found)}")
    return list(found)


def _of_object(given: object, described: str) -> Answer:
    if not isinstance(given, Mapping):
        raise ValueError(f"{described} is not an object with {TEXT} and {START} but {reprlib.repr(given)}")
    return _answer(given.get(TEXT), given.get(START, given.get(STARTS)), described)


def _answer(text: object, start: object, described: str) -> Answer:
    if not isinstance(text, str):
        raise ValueError(f"{described}: the text is not a string but {reprlib.repr(text)}")
    if not text or text.isspace():
        raise ValueError(f"{described}: the text is empty; an unanswerable question has an empty list of answers")
    if isinstance(start, bool) or not isinstance(start, int | np.integer):
        raise ValueError(f"{described}: the start is not a whole number but {reprlib.repr(start)}")
    return Answer(text, int(start))


def _check_stands(answer: Answer, context: str, described: str) -> None:
    """Raise ValueError if an answer is not at its position; the message says what is there, and where the answer is."""
    there = context[max(answer.start, 0) : max(answer.end, 0)]
    if answer.start >= 0 and there == answer.text:
        return
    found = context.find(answer.text)
    elsewhere = f"the context has it at {found}" if found >= 0 else "the context does not have it"
    stands = f"{reprlib.repr(there)} stands" if answer.start >= 0 and there else "nothing stands"
    raise ValueError(
        f"{described}: {reprlib.repr(answer.text)} is said to start at {answer.start}, where {stands}; {elsewhere}"
    )
