"""Defines the input of questions with contexts, which become one sequence of tokens or several windows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ftcore.data import Form
from ftcore.inputs.base import Request
from ftcore.inputs.descriptions import check_type
from ftcore.inputs.questions.preparer import QuestionPreparer
from ftcore.inputs.questions.rows import CONTEXT, QUESTION
from ftcore.inputs.questions.settings import QuestionWindows
from ftcore.inputs.questions.windows import QuestionEncoder
from ftcore.inputs.tokens import TokenInput
from ftcore.inputs.tokens.checks import check_reads
from ftcore.models import ModelPlan
from ftcore.parts import SpecPart, part
from ftcore.text import Tokenizer


class Questions(TokenInput):
    """A question and a context; a context that is too long is divided into windows."""

    name: ClassVar[str] = "questions"
    takes_modules: ClassVar[bool] = False
    tabular: ClassVar[bool] = True
    forms: tuple[Form, ...] = ((QUESTION, CONTEXT),)
    parts: tuple[type[SpecPart], ...] = (QuestionWindows,)

    def preparer(self, request: Request) -> QuestionPreparer:
        """Return the preparer of windows for a spec's network."""
        check_reads(request)
        folder = self.tokenizers(request.model, request.data, request.base).source()
        windows = part(request.data, QuestionWindows)
        return QuestionPreparer(QuestionEncoder(Tokenizer.load(folder, windows.max_length), windows.stride))

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> QuestionPreparer:
        """Return the preparer of a finished model."""
        tokenizer = Tokenizer.load(plan.tokenizer_folder, description["max_length"])
        # A folder that transformers wrote does not say whether there were null answers.
        return QuestionPreparer(QuestionEncoder(tokenizer, description["stride"]), description.get("null_answers"))

    def undescribed(self, longest: int) -> dict[str, Any]:
        """Return the fields of ftcore.json for a model folder without that file."""
        return {**super().undescribed(longest), "stride": min(128, longest // 3)}

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the problems of the input's fields in ftcore.json."""
        kinds = {"max_length": int, "stride": int, "null_answers": bool}
        return [line for name, kind in kinds.items() for line in check_type(description, name, kind)]
