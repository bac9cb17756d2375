"""Defines the spec part for training a tokenizer, and the special tokens of trained tokenizers."""

from typing import Final, Literal

from pydantic import Field

from ftcore.parts import SpecPart

TokenizerKind = Literal["bpe"]
PAD: Final = "[PAD]"
UNKNOWN: Final = "[UNK]"
BEGIN: Final = "[BOS]"
END: Final = "[EOS]"
MASK: Final = "[MASK]"
SPECIAL = (PAD, UNKNOWN, BEGIN, END, MASK)
"""The special tokens of every trained tokenizer; their ids are their indices here."""
SMALLEST = 256 + len(SPECIAL)
"""The smallest vocabulary: every byte and the special tokens."""


class TokenizerTraining(SpecPart):
    """A tokenizer to train on the texts of data.train."""

    train: TokenizerKind = Field(description="Kind of tokenizer; bpe is byte-level and represents any text exactly.")
    vocabulary: int = Field(8000, gt=SMALLEST, description="Maximum number of tokens; few texts give fewer.")
