"""A model's own tokenizer, run by the tokenizers library on all cores."""

import hashlib
import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ftcore.data.tokenizer_conversion import converted
from ftcore.errors import DataError, ModelError
from ftcore.models.tokenizer_files import FAST

if TYPE_CHECKING:
    import tokenizers

PROBE = "a"
"""A text whose tokens show where the special tokens of a sequence stand."""


@dataclass(frozen=True)
class EncodedChunk:
    """Some texts as tokens, special tokens included.

    Attributes:
        ids: int32 [tokens], the sequences one after another.
        type_ids: uint8 [tokens].
        lengths: int32 [sequences].
        truncated: bool [sequences], those that were cut to the longest length.
    """

    ids: np.ndarray
    type_ids: np.ndarray
    lengths: np.ndarray
    truncated: np.ndarray


class Piece(NamedTuple):
    """A part of the layout of an encoded sequence: special tokens, or the tokens of a text.

    Attributes:
        text: 0 or 1 for a text, None for special tokens.
        ids: of the special tokens.
        type_id: of all tokens of the piece.
    """

    text: int | None
    ids: tuple[int, ...]
    type_id: int


class Tokenizer:
    """Turns texts into token ids, as transformers does with truncation="longest_first".

    The library's own truncation is not used: for a pair it builds every combination of what was cut off,
    which takes minutes for two long texts.

    Attributes:
        max_length: the most tokens of a sequence, special tokens included.
        pad_token_id: what batches are filled up with; always masked.
        fingerprint: of the vocabulary, the rules and max_length.
    """

    def __init__(self, stored: str, pad_token: str | None, max_length: int) -> None:
        """Use `Tokenizer.load` for a folder.

        Args:
            stored: the content of tokenizer.json.
            pad_token: what the model's configuration calls its padding, or None.
            max_length: the most tokens of a sequence.
        """
        import tokenizers

        self._tokenizer = tokenizers.Tokenizer.from_str(stored)
        self.pad_token_id = _pad_token_id(self._tokenizer, pad_token)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.max_length = max_length
        self.fingerprint = hashlib.sha256(f"{max_length}\n{stored}".encode()).hexdigest()
        self._layouts = {texts: _layout(self._tokenizer, texts) for texts in (1, 2)}

    @classmethod
    def load(cls, folder: Path, max_length: int) -> "Tokenizer":
        """Load the tokenizer of a model folder.

        Args:
            folder: holds tokenizer.json, or older files that transformers can convert.
            max_length: the most tokens of a sequence, special tokens included.

        Raises:
            ModelError: there is no tokenizer, or it cannot be read or converted.
        """
        path = folder / FAST
        if not path.is_file():
            path = converted(folder)
        try:
            return cls(path.read_text("utf-8"), _pad_token(folder), max_length)
        except ModelError as error:
            raise ModelError(f"{path}: {error}") from error
        except Exception as error:  # the library raises plain Exception for a file that it cannot read
            raise ModelError(f"{path}: is no tokenizer of the tokenizers library: {error}") from error

    def encode(self, texts_a: Sequence[str], texts_b: Sequence[str] | None = None) -> EncodedChunk:
        """Encode texts, or pairs of texts in one sequence each; the longer text of a pair is cut first.

        Raises:
            DataError: max_length leaves no room beside the special tokens.
        """
        texts = [texts_a] if texts_b is None else [texts_a, texts_b]
        layout = self._layouts[len(texts)]
        room = self._room(layout)
        encoded = [self._ids(part) for part in texts]
        ids, type_ids, lengths, truncated = array("i"), array("B"), array("i"), array("B")
        for sequences in zip(*encoded, strict=True):
            kept = _kept([len(sequence) for sequence in sequences], room)
            before = len(ids)
            for piece in layout:
                part = piece.ids if piece.text is None else sequences[piece.text][: kept[piece.text]]
                ids.extend(part)
                type_ids.frombytes(bytes([piece.type_id]) * len(part))
            lengths.append(len(ids) - before)
            truncated.append(sum(kept) < sum(map(len, sequences)))
        return EncodedChunk(
            np.asarray(ids, np.int32),
            np.asarray(type_ids, np.uint8),
            np.asarray(lengths, np.int32),
            np.asarray(truncated, np.bool_),
        )

    def _ids(self, texts: Sequence[str]) -> Iterator[list[int]]:
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return (encoding.ids for encoding in encodings)

    def _room(self, layout: Sequence[Piece]) -> int:
        special = sum(len(piece.ids) for piece in layout)
        texts = sum(piece.text is not None for piece in layout)
        if self.max_length - special < texts:
            what = "two texts" if texts == 2 else "a text"
            raise DataError(
                f"data.max_length: {self.max_length} leaves no room for {what} beside {special} special tokens: "
                f"give at least {special + texts}"
            )
        return self.max_length - special


def _kept(lengths: Sequence[int], room: int) -> list[int]:
    """Return how many tokens of each text are kept: the longest is cut first, down to the other's length."""
    if sum(lengths) <= room:
        return list(lengths)
    if len(lengths) == 1:
        return [room]
    shorter = min(lengths)
    if 2 * shorter >= room:
        # the odd token goes to the longer text, to the second where both are equally long
        odd = [0, room % 2] if lengths[1] >= lengths[0] else [room % 2, 0]
        return [room // 2 + extra for extra in odd]
    return [room - shorter if length > shorter else shorter for length in lengths]


def _layout(tokenizer: "tokenizers.Tokenizer", texts: int) -> list[Piece]:
    """Find out, from an example, where the special tokens of a sequence stand."""
    encoding = tokenizer.encode(PROBE, PROBE if texts == 2 else None)
    pieces: list[Piece] = []
    for token, type_id, text in zip(encoding.ids, encoding.type_ids, encoding.sequence_ids, strict=True):
        if text is None:
            pieces.append(Piece(None, (token,), type_id))
        elif not pieces or pieces[-1].text != text:
            pieces.append(Piece(text, (), type_id))
    if sorted(piece.text for piece in pieces if piece.text is not None) != list(range(texts)):
        raise ModelError(f"gives no tokens for the text {PROBE!r}: its layout of special tokens is not known")
    return pieces


def _pad_token(folder: Path) -> str | None:
    """Return the padding token that a model folder's older configuration files name."""
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        path = folder / name
        stored: Any = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        token = stored.get("pad_token") if isinstance(stored, dict) else None
        if token is not None:
            return str(token["content"] if isinstance(token, dict) else token)
    return None


def _pad_token_id(tokenizer: "tokenizers.Tokenizer", pad_token: str | None) -> int:
    """Return the id that fills up batches.

    Padding is masked everywhere, so where a tokenizer names no padding token id 0 does as well.
    """
    found = None if pad_token is None else tokenizer.token_to_id(pad_token)
    if found is None and tokenizer.padding is not None:
        found = tokenizer.padding["pad_id"]
    return found or 0
