"""Defines the inputs of sentences given as words, with or without a predicate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

from ftcore.contract.network import Architecture, Transformer
from ftcore.data import PREDICATE, TOKENS, Form, Splits
from ftcore.errors import ModelError
from ftcore.inputs.base import Request, WholeSpec
from ftcore.inputs.descriptions import check_choice, check_type
from ftcore.inputs.tokens.base import TokenInput
from ftcore.inputs.tokens.checks import check_reads
from ftcore.inputs.tokens.preparer import TokenPreparer
from ftcore.inputs.tokens.settings import MarkedPredicate, SentenceWindows, TextLength, WordLabels
from ftcore.inputs.tokens.word_rows import ClauseRows, WordRows
from ftcore.models import ModelPlan, OwnModule
from ftcore.parts import Problems, SpecPart, part
from ftcore.text import AS_AUTO_TOKENIZER, PREDICATE_MARKS, PredicateMark, Tokenizer

SEGMENTS = 2
"""Number of token types needed to tell a predicate from other words."""
SUBWORDS: tuple[Literal["first", "all"], ...] = ("first", "all")


class WordPreparer(TokenPreparer):
    """Makes tokens of sentences given as words."""

    def described(self, splits: Splits) -> dict[str, Any]:
        """Return this input's fields of ftcore.json."""
        overlap = self.rows.overlap if isinstance(self.rows, WordRows) else None
        return {
            "max_length": self.tokenizer.max_length,
            "label_subwords": "all" if self.every_subword else "first",
            "overlap": overlap,
            **AS_AUTO_TOKENIZER,
        }


class ClausePreparer(WordPreparer):
    """Makes tokens of sentences given as words, each with a predicate.

    Args:
        rows: how a row becomes tokens.
        every_subword: whether all tokens of a word have its label.
        mark: how the predicate is marked.
    """

    def __init__(self, rows: ClauseRows, every_subword: bool, mark: PredicateMark) -> None:
        super().__init__(rows, every_subword)
        self.mark = mark

    def described(self, splits: Splits) -> dict[str, Any]:
        """Return this input's fields of ftcore.json."""
        return {**super().described(splits), "mark_predicate": self.mark}

    def check_module_inputs(self, what: str, names: Mapping[str, str]) -> None:
        """Raise ModelError if a module cannot be told which word is the predicate."""
        if "token_type_ids" not in names:
            raise ModelError(
                f"model.module: {what} takes no token_type_ids, but only these tell it which word is the predicate"
            )


class Words(TokenInput):
    """Sentences given as words."""

    name: ClassVar[str] = "words"
    forms: tuple[Form, ...] = ((TOKENS,),)
    parts: tuple[type[SpecPart], ...] = (TextLength, WordLabels, SentenceWindows)

    def preparer(self, request: Request) -> WordPreparer:
        """Return the preparer for the network of a spec."""
        check_reads(request)
        folder = self.tokenizers(request.model, request.data, request.base).source()
        tokenizer = Tokenizer.load(folder, part(request.data, TextLength).max_length)
        overlap = part(request.data, SentenceWindows).overlap
        return WordPreparer(WordRows(tokenizer, overlap), _every_subword(request.data))

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> WordPreparer:
        """Return the preparer of a finished model."""
        tokenizer = Tokenizer.load(plan.tokenizer_folder, description["max_length"])
        every = description.get("label_subwords", "first") == "all"
        return WordPreparer(WordRows(tokenizer, description.get("overlap")), every)

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the errors in this input's fields of ftcore.json."""
        windows = check_type(description, "overlap", int) if description.get("overlap") is not None else []
        return [*check_type(description, "max_length", int), *_check_subwords(description), *windows]


@dataclass(frozen=True)
class Clauses(TokenInput):
    """Sentences given as words, each with a predicate."""

    name: ClassVar[str] = "clauses"
    forms: tuple[Form, ...] = ((TOKENS, PREDICATE),)
    parts: tuple[type[SpecPart], ...] = (TextLength, WordLabels, MarkedPredicate)

    def problems(self, spec: WholeSpec) -> Problems:
        """Return what a user's own module lacks."""
        found, model = super().problems(spec), spec.model
        if isinstance(model, OwnModule) and model.module is not None and _mark(spec.data) == "markers":
            text = "given markers, but a module has no rows for their tokens; allowed for a module: segment"
            found.append((("data", "mark_predicate"), text))
        return found

    def preparer(self, request: Request) -> ClausePreparer:
        """Return the preparer for the network of a spec."""
        check_reads(request)
        mark = _mark(request.data)
        if mark == "segment" and not request.own_module:
            _check_segments(request.source.described()[1])
        folder = self.tokenizers(request.model, request.data, request.base).source()
        tokenizer = Tokenizer.load(folder, part(request.data, TextLength).max_length, mark)
        return ClausePreparer(ClauseRows(tokenizer), _every_subword(request.data), mark)

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> ClausePreparer:
        """Return the preparer of a finished model."""
        mark = cast(PredicateMark, description["mark_predicate"])
        tokenizer = Tokenizer.load(plan.tokenizer_folder, description["max_length"], mark)
        return ClausePreparer(ClauseRows(tokenizer), description.get("label_subwords", "first") == "all", mark)

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the errors in this input's fields of ftcore.json."""
        return [
            *check_type(description, "max_length", int),
            *_check_subwords(description),
            *check_choice(description, "mark_predicate", PREDICATE_MARKS),
        ]


def _every_subword(data: SpecPart) -> bool:
    return part(data, WordLabels).label_subwords == "all"


def _mark(data: SpecPart) -> PredicateMark:
    return part(data, MarkedPredicate).mark_predicate


def _check_subwords(description: Mapping[str, Any]) -> Sequence[str]:
    return check_choice(description, "label_subwords", SUBWORDS) if "label_subwords" in description else []


def _check_segments(architecture: Architecture) -> None:
    body = architecture.body
    if not isinstance(body, Transformer) or body.token_types < SEGMENTS:
        raise ModelError(
            f"data.mark_predicate: segment needs {SEGMENTS} token types, but this {architecture.family} has fewer: "
            "give markers"
        )
