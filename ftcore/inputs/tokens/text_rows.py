"""Encodes rows of one, two or three texts as tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ftcore.data import Columns, texts_of
from ftcore.inputs.tokens.ends import without_end
from ftcore.text import EncodedChunk, Tokenizer


@dataclass(frozen=True)
class TextRows:
    """Encodes the texts of a row in one sequence, or each in its own.

    Attributes:
        tokenizer: the model's tokenizer.
        separate: whether each text has its own sequence.
        prompt: what stands before every text.
        left_out: id of a token that is left out at the end of a sequence, or None; see `token_left_out`.
    """

    tokenizer: Tokenizer
    separate: bool
    left_out: int | None = None
    of_words: bool = False
    prompt: str = ""

    def sequences(self, columns: Columns) -> int:
        """Return the number of sequences per example."""
        return len(columns.texts) if self.separate else 1

    def read(self, values: Mapping[str, object], columns: Columns) -> tuple[str, ...]:
        """Return a row's texts; raises ValueError with the reason if one is wrong."""
        return texts_of(values, columns)

    def check_target(self, item: tuple[str, ...], target: object) -> None:
        """Accept any target."""

    def content(self, item: tuple[str, ...]) -> tuple[str, ...]:
        """Return the texts."""
        return item

    def encode(self, items: Sequence[tuple[str, ...]]) -> EncodedChunk:
        """Return the tokens of consecutive rows."""
        found = self._encoded(items)
        return found if self.left_out is None else without_end(found, self.left_out)

    def _encoded(self, items: Sequence[tuple[str, ...]]) -> EncodedChunk:
        if self.separate:
            return self.tokenizer.encode([f"{self.prompt}{text}" for texts in items for text in texts])
        first, *second = ([f"{self.prompt}{text}" for text in texts] for texts in zip(*items, strict=True))
        return self.tokenizer.encode(first, *second)

    def facts(self) -> dict[str, Any]:
        """Return the token that is left out; the reading already records whether texts are separate."""
        return {} if self.left_out is None else {"left_out": self.left_out}
