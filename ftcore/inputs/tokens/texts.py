"""Defines the input of one, two or three texts per example."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ftcore.data import TEXTS, ColumnRules, CountedDataset, Form, Reading, RowEncoder, Splits
from ftcore.inputs.base import Request
from ftcore.inputs.descriptions import check_type
from ftcore.inputs.tokens.base import TokenInput
from ftcore.inputs.tokens.checks import check_reads
from ftcore.inputs.tokens.ends import token_left_out
from ftcore.inputs.tokens.preparer import TokenPreparer
from ftcore.inputs.tokens.settings import TextLength, TextPair
from ftcore.inputs.tokens.text_rows import TextRows
from ftcore.models import ModelPlan
from ftcore.parts import SpecPart, part
from ftcore.text import AS_AUTO_TOKENIZER, Tokenizer

OF_TRANSFORMERS = "of_transformers"
"""Whether a model's classifier was trained by others, and so reads what transformers reads."""


class TextPreparer(TokenPreparer):
    """Makes tokens of texts."""

    def described(self, splits: Splits) -> dict[str, Any]:
        """Return this input's fields of ftcore.json."""
        return {"max_length": self.tokenizer.max_length, **AS_AUTO_TOKENIZER}


@dataclass(frozen=True)
class Texts(TokenInput):
    """The texts of a row, in one sequence or each in its own.

    Attributes:
        forms: the sets of columns that an example may be made of.
        pairs: the part of the spec with the field `pair`.
    """

    forms: tuple[Form, ...] = TEXTS
    pairs: type[SpecPart] = TextPair

    name: ClassVar[str] = "texts"

    @property
    def parts(self) -> tuple[type[SpecPart], ...]:
        """The fields max_length and pair."""
        return (TextLength, self.pairs)

    def pair(self, data: SpecPart) -> str:
        """Return "separate" if the texts of an example are encoded separately, else "joint"."""
        found: str = part(data, self.pairs).pair  # type: ignore[attr-defined]
        return found

    def preparer(self, request: Request) -> TextPreparer:
        """Return the preparer for the network of a spec."""
        check_reads(request)
        pair, folder = self.pair(request.data), self.tokenizers(request.model, request.data, request.base).source()
        length = part(request.data, TextLength).max_length
        return TextPreparer(TextRows(Tokenizer.load(folder, length), pair == "separate"))

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> TextPreparer:
        """Return the preparer of a finished model."""
        tokenizer = Tokenizer.load(plan.tokenizer_folder, description["max_length"])
        left_out = token_left_out(folder, plan) if description.get(OF_TRANSFORMERS) else None
        return TextPreparer(TextRows(tokenizer, description["pair"] == "separate", left_out))

    def undescribed(self, longest: int) -> dict[str, Any]:
        """Return the fields of ftcore.json for a model folder of transformers: the longest sequence, and its origin."""
        return {**super().undescribed(longest), OF_TRANSFORMERS: True}

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the errors in this input's fields of ftcore.json."""
        return check_type(description, "max_length", int)


def text_rows(tokenizer: Tokenizer, columns: Mapping[str, str], separate: bool = False, prompt: str = "") -> RowEncoder:
    """Return an encoder of the texts of streamed rows.

    Args:
        tokenizer: the model's tokenizer.
        columns: the rows' names of columns, by ftcore's names.
        separate: whether each text of a row has its own sequence.
        prompt: what stands before every text.
    """
    rules = ColumnRules(columns, "separate" if separate else "joint", None, TEXTS)
    return TextPreparer(TextRows(tokenizer, separate, prompt=prompt)).row_encoder(rules)


def texts_of_file(path: str, tokenizer: Tokenizer, columns: Mapping[str, str], separate: bool) -> CountedDataset:
    """Return the texts of a file as examples without targets; the arguments are those of `text_rows`."""
    rules = ColumnRules(columns, "separate" if separate else "joint", None, TEXTS)
    reading = Reading(rules, target=None, labels=None, on_bad_row="stop")
    preparer = TextPreparer(TextRows(tokenizer, separate))
    return preparer.loader(Path.cwd(), lambda text: None).load(path, reading).dataset
