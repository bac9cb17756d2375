"""Tokenizers that a spec may have trained."""

from typing import Literal

TokenizerKind = Literal["bpe"]
PAD, UNKNOWN, BEGIN, END, MASK = "[PAD]", "[UNK]", "[BOS]", "[EOS]", "[MASK]"
SPECIAL = (PAD, UNKNOWN, BEGIN, END, MASK)
"""The special tokens of every trained one, whose ids are their places here."""
SMALLEST = 256 + len(SPECIAL)
"""The smallest vocabulary: every byte and the special tokens."""
