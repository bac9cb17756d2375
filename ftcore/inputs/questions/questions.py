"""Defines the input of questions with contexts, which become one sequence of tokens or several windows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from ftcore.contract.network import Architecture
from ftcore.data import DataSpec, Form
from ftcore.inputs.base import Request, WholeSpec
from ftcore.inputs.descriptions import check_type
from ftcore.inputs.questions.preparer import QuestionPreparer
from ftcore.inputs.questions.rows import CONTEXT, QUESTION
from ftcore.inputs.questions.settings import QuestionWindows
from ftcore.inputs.questions.windows import QuestionEncoder
from ftcore.inputs.tokens import TokenizerFolders, reads_tokens
from ftcore.inputs.tokens.checks import check_reads
from ftcore.models import ModelPlan, ModelSpec
from ftcore.parts import Problems, SpecPart, part
from ftcore.text import Tokenizer


class Questions:
    """A question and a context; a context that is too long is divided into windows."""

    name: ClassVar[str] = "questions"
    probe_pooling: ClassVar[Literal["mean"]] = "mean"
    takes_modules: ClassVar[bool] = False
    forms: tuple[Form, ...] = ((QUESTION, CONTEXT),)
    parts: tuple[type[SpecPart], ...] = (QuestionWindows,)

    def pair(self, data: SpecPart) -> str:
        """Return "joint": question and context form one sequence."""
        return "joint"

    def reads(self, architecture: Architecture) -> bool:
        """Return whether a network reads tokens."""
        return reads_tokens(architecture)

    def tokenizers(self, model: ModelSpec, data: DataSpec, base: Path) -> TokenizerFolders:
        """Return the folders that may hold a spec's tokenizer."""
        return TokenizerFolders(model, data, self.forms, "joint", base)

    def problems(self, spec: WholeSpec) -> Problems:
        """Return nothing."""
        return []

    def preparer(self, request: Request) -> QuestionPreparer:
        """Return the preparer of windows for a spec's network."""
        check_reads(request)
        folder = self.tokenizers(request.model, request.data, request.base).source()
        windows = part(request.data, QuestionWindows)
        return QuestionPreparer(QuestionEncoder(Tokenizer.load(folder, windows.max_length), windows.stride))

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> QuestionPreparer:
        """Return the preparer of a finished model."""
        length = description["max_length"]
        # A folder that transformers wrote has no stride.
        stride = description.get("stride", min(128, length // 3))
        tokenizer = Tokenizer.load(plan.tokenizer_folder, length)
        return QuestionPreparer(QuestionEncoder(tokenizer, stride), description.get("null_answers", False))

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the problems of the input's fields in ftcore.json."""
        optional = {"stride": int, "null_answers": bool}
        given = [check_type(description, name, kind) for name, kind in optional.items() if name in description]
        return [*check_type(description, "max_length", int), *(line for lines in given for line in lines)]
