"""Defines what the inputs of tokens have in common."""

from pathlib import Path
from typing import Any, ClassVar, Literal

from ftcore.contract.network import Architecture
from ftcore.data import DataSpec, Form
from ftcore.inputs.base import WholeSpec
from ftcore.inputs.tokens.checks import module_problems, reads_tokens
from ftcore.inputs.tokens.tokenizer_folder import TokenizerFolders
from ftcore.models import ModelSpec
from ftcore.parts import Problems, SpecPart


class TokenInput:
    """The base of inputs that one tokenizer makes; an example is one sequence.

    Attributes:
        forms: the sets of columns that an example may be made of.
    """

    forms: tuple[Form, ...]
    probe_pooling: ClassVar[Literal["mean"]] = "mean"
    takes_modules: ClassVar[bool] = True
    tabular: ClassVar[bool] = True

    def pair(self, data: SpecPart) -> str:
        """Return "joint": an example has one sequence."""
        return "joint"

    def reads(self, architecture: Architecture) -> bool:
        """Return whether a network reads tokens."""
        return reads_tokens(architecture)

    def tokenizers(self, model: ModelSpec, data: DataSpec, base: Path) -> TokenizerFolders:
        """Return the folders of the tokenizer of a spec."""
        return TokenizerFolders(model, data, self.forms, self.pair(data), base)

    def undescribed(self, longest: int) -> dict[str, Any]:
        """Return the fields of ftcore.json for a model folder without that file: the longest sequence of the model."""
        return {"max_length": longest}

    def problems(self, spec: WholeSpec) -> Problems:
        """Return what is missing or impossible with a user's own module."""
        return module_problems(spec, self.pair(spec.data))
