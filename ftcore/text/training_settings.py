"""The part of a spec that asks for a tokenizer to be trained, and what every trained one has."""

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
"""The special tokens of every trained one, whose ids are their places here."""
SMALLEST = 256 + len(SPECIAL)
"""The smallest vocabulary: every byte and the special tokens."""


class TokenizerTraining(SpecPart):
    """A tokenizer that is trained on the texts of data.train."""

    train: TokenizerKind = Field(description="Its kind; bpe is of bytes, and loses nothing of a text.")
    vocabulary: int = Field(8000, gt=SMALLEST, description="The most tokens that it has; few texts give fewer.")
