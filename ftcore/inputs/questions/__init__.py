"""Reads questions, each with a context that contains the answer."""

from ftcore.inputs.questions.dataset import QuestionDataset
from ftcore.inputs.questions.preparer import QuestionPreparer
from ftcore.inputs.questions.questions import Questions
from ftcore.inputs.questions.rows import CONTEXT, QUESTION

__all__ = ["CONTEXT", "QUESTION", "QuestionDataset", "QuestionPreparer", "Questions"]
