"""Runs a model's tokenizer with the tokenizers library, on all cores."""

import copy
import hashlib
import itertools
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ftcore.errors import DataError, ModelError
from ftcore.text.clean_up import cleaned_up
from ftcore.text.predicate_mark import MARKERS, PredicateMark
from ftcore.text.predicates import of_predicate, readable, with_markers
from ftcore.text.sequences import ChunkBuilder, EncodedChunk, Piece, layout_of
from ftcore.text.stored_tokenizer import StoredTokenizer, stored_tokenizer
from ftcore.text.windows import windows

if TYPE_CHECKING:
    import tokenizers

CHUNK = 4096
"""Number of texts that are encoded and decoded together."""


class Tokenizer:
    """Turns texts into token ids, as transformers does with truncation="longest_first".

    The library's own truncation is not used: for a pair it builds every combination of the truncated parts,
    which takes minutes for two long texts.

    Attributes:
        max_length: the maximum tokens of a sequence, with special tokens.
        pad_token_id: the id that pads batches; always masked.
        special_tokens: the special tokens by their role in the model's configuration, such as "eos_token".
        added: the ids of the tokens that are added to the stored tokenizer.
        stored: the content of tokenizer.json, with the added tokens.
        cuts_begin: whether a long text loses its first tokens, not its last.
        fingerprint: a hash of the vocabulary, the rules, max_length and how predicates are marked.
    """

    def __init__(
        self,
        folder: StoredTokenizer,
        max_length: int,
        predicate_mark: PredicateMark | None = None,
    ) -> None:
        """Use `Tokenizer.load` for a folder.

        Args:
            folder: the tokenizer of a folder.
            max_length: the maximum tokens of a sequence.
            predicate_mark: how the predicate of a sentence is marked; markers are added to the tokenizer.
        """
        import tokenizers

        stored = folder.content()
        self._tokenizer = tokenizers.Tokenizer.from_str(stored)
        markers = MARKERS if predicate_mark == "markers" else ()
        self.added = _add(self._tokenizer, markers)
        self._markers = [_id(self._tokenizer, marker) for marker in markers]
        self.stored = self._tokenizer.to_str(pretty=True) if self.added else stored
        self.special_tokens: Mapping[str, str] = folder.special_tokens
        self.pad_token_id = _pad_token_id(self._tokenizer, folder.special_tokens.get("pad_token"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._tokenizer.encode_special_tokens = folder.splits_special_tokens
        self.cuts_begin, self._cleans_up = folder.truncation_side == "left", folder.cleans_up
        self.max_length = max_length
        rules = f"{max_length}\n{predicate_mark}\n{self.stored}{folder.unusual()}"
        self.fingerprint = hashlib.sha256(rules.encode()).hexdigest()
        self._layouts = {texts: layout_of(self._tokenizer, texts, folder.token_types) for texts in (1, 2)}
        self._marks_spaces = _is_byte_level(json.loads(stored).get("pre_tokenizer"))

    @classmethod
    def load(cls, folder: Path, max_length: int, predicate_mark: PredicateMark | None = None) -> "Tokenizer":
        """Load the tokenizer of a model folder.

        Args:
            folder: the folder with tokenizer.json, or with older files that transformers can convert.
            max_length: the maximum tokens of a sequence, with special tokens.
            predicate_mark: how the predicate of a sentence is marked, if it has one.

        Raises:
            ModelError: there is no tokenizer, or it cannot be read or converted.
        """
        stored = stored_tokenizer(folder)
        try:
            return cls(stored, max_length, predicate_mark)
        except ModelError as error:
            raise ModelError(f"{stored.path}: {error}") from error
        except Exception as error:  # the library raises plain Exception for a file that it cannot read
            raise ModelError(f"{stored.path}: is not a tokenizer of the tokenizers library: {error}") from error

    def encode(self, texts_a: Sequence[str], texts_b: Sequence[str] | None = None) -> EncodedChunk:
        """Encode texts, or pairs of texts in one sequence each; the longer text of a pair is truncated first.

        Raises:
            DataError: max_length leaves no room besides the special tokens.
        """
        texts = [texts_a] if texts_b is None else [texts_a, texts_b]
        chunk = self._chunk(len(texts), of_words=False)
        for sequences in zip(*[self._ids(part) for part in texts], strict=True):
            chunk.add(sequences)
        return chunk.finished()

    def encode_words(self, sentences: Sequence[Sequence[str]], predicates: Sequence[int] | None = None) -> EncodedChunk:
        """Encode and truncate sentences that are split into words, as transformers does with is_split_into_words.

        A byte-level tokenizer recognises a word by the space before it, so each word gets one (transformers'
        add_prefix_space).

        Args:
            sentences: the words of each sentence.
            predicates: the index of each sentence's predicate, which is marked. If it is cut off or has no token, all
                tokens of the sentence get the word -1.

        Raises:
            DataError: max_length leaves no room besides the special tokens.
        """
        chunk = self._chunk(1, of_words=True)
        for number, (ids, words) in enumerate(self._of_words(sentences)):
            if predicates is not None and self._markers:
                ids, words = with_markers(ids, words, predicates[number], self._markers)
            chunk.add([ids], words)
        counts = np.asarray([len(words) for words in sentences], np.int32)
        encoded = replace(chunk.finished(), word_counts=counts)
        return encoded if predicates is None else self._of_predicates(encoded, predicates)

    def encode_windows(self, sentences: Sequence[Sequence[str]], overlap: int) -> EncodedChunk:
        """Encode sentences that are split into words; a long one in windows, each with its own words.

        Args:
            sentences: the words of each sentence.
            overlap: the maximum tokens that two windows share.

        Raises:
            DataError: max_length leaves no room besides the special tokens and the overlap.
        """
        room = self.room
        if overlap >= room:
            raise DataError(f"data.overlap: given {overlap}, but a window has {room} tokens of text: lower it")
        chunk = self._chunk(1, of_words=True)
        counts, divided = array("i"), array("q")
        for sentence, (ids, words) in zip(sentences, self._of_words(sentences), strict=True):
            found = windows(words, len(sentence), room, overlap)
            for begin, end, first, behind in found:
                chunk.add(
                    [ids[begin:end]], [word - first if first <= word < behind else -1 for word in words[begin:end]]
                )
                counts.append(behind - first)
            divided.append(len(found))
        return replace(
            chunk.finished(), word_counts=np.asarray(counts, np.int32), windows=np.asarray(divided, np.int64)
        )

    def _of_words(self, sentences: Sequence[Sequence[str]]) -> Iterator[tuple[list[int], list[int]]]:
        """Yield each sentence's ids without special tokens, and the index of each token's word."""
        space = " " if self._marks_spaces else ""
        given = [[f"{space}{word}" for word in sentence] for sentence in sentences]
        encodings = self._tokenizer.encode_batch(given, is_pretokenized=True, add_special_tokens=False)
        return ((encoding.ids, [-1 if word is None else word for word in encoding.word_ids]) for encoding in encodings)

    def _of_predicates(self, encoded: EncodedChunk, predicates: Sequence[int]) -> EncodedChunk:
        if encoded.words is None:
            raise TypeError("only sentences given as words have predicates")
        own = of_predicate(encoded.words, encoded.lengths, predicates)
        segments = encoded.type_ids if self._markers else own.astype(np.uint8)
        return replace(encoded, type_ids=segments, words=readable(encoded.words, encoded.lengths, own))

    def plain(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's ids, without special tokens and truncation."""
        return list(self._ids(texts))

    def with_around(self, before: Sequence[int], after: Sequence[int]) -> "Tokenizer":
        """Return this tokenizer with other special tokens around a text; it cannot encode pairs."""
        other = copy.copy(self)
        surrounding = [[Piece(None, (token,), 0) for token in tokens] for tokens in (before, after)]
        other._layouts = {1: [*surrounding[0], Piece(0, (), 0), *surrounding[1]]}
        other.fingerprint = hashlib.sha256(f"{list(before)} {list(after)}\n{self.fingerprint}".encode()).hexdigest()
        return other

    def lowered(self) -> "Tokenizer":
        """Return this tokenizer with every text lowered first, as sentence-transformers' do_lower_case does."""
        from tokenizers import normalizers

        given = self._tokenizer.normalizer
        # A Sequence has items, but the library declares no iteration.
        sequence = isinstance(given, normalizers.Sequence)
        steps: list[Any] = list(iter(given)) if sequence else [step for step in (given,) if step is not None]
        if any(isinstance(step, normalizers.Lowercase) for step in steps):
            return self
        other = copy.copy(self)
        other._tokenizer = copy.deepcopy(self._tokenizer)
        other._tokenizer.encode_special_tokens = self._tokenizer.encode_special_tokens
        other._tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), *steps])
        other.fingerprint = hashlib.sha256(f"lowered\n{self.fingerprint}".encode()).hexdigest()
        return other

    @property
    def room(self) -> int:
        """The maximum tokens of one text, without the special tokens.

        Raises:
            DataError: max_length leaves no room for text.
        """
        return self._room(self._layouts[1])

    def with_offsets(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[tuple[int, int]]]]:
        """Give each text's ids without special tokens, and where in the text each begins and ends, in characters."""
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return ((encoding.ids, encoding.offsets) for encoding in encodings)

    def around_pair(self) -> tuple[list[Piece], int]:
        """Return the layout of two texts in one sequence, and the most tokens that they may have together.

        Raises:
            DataError: max_length leaves no room for two.
        """
        return list(self._layouts[2]), self._room(self._layouts[2])

    def around(self) -> tuple[list[int], list[int]]:
        """Return the special tokens before a text, and those after it."""
        pieces = self._layouts[1]
        place = next(index for index, piece in enumerate(pieces) if piece.text is not None)
        before, after = pieces[:place], pieces[place + 1 :]
        return [token for piece in before for token in piece.ids], [token for piece in after for token in piece.ids]

    def token_id(self, name: str) -> int | None:
        """Return the id of a special token by its role, such as "eos_token" or "mask_token"; None if there is none."""
        token = self.special_tokens.get(name)
        return None if token is None else self.id_of(token)

    def id_of(self, token: str) -> int | None:
        """Return the id of a token; None if it does not exist."""
        found: int | None = self._tokenizer.token_to_id(token)
        return found

    def added_tokens(self) -> list[str]:
        """Return the added tokens, which are matched in a text before all others, including special ones."""
        return [token.content for token in self._tokenizer.get_added_tokens_decoder().values()]

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """Return the tokens of ids, as in the vocabulary."""
        return [self._tokenizer.id_to_token(token) or "" for token in ids]

    def decode(self, sequences: Sequence[Sequence[int]]) -> list[str]:
        """Return the text of each sequence of ids, without special tokens."""
        texts = self._tokenizer.decode_batch([list(ids) for ids in sequences], skip_special_tokens=True)
        return [cleaned_up(text) for text in texts] if self._cleans_up else texts

    def decoded(self, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield each text and its form after encoding and decoding, without truncation."""
        given = iter(texts)
        while chunk := list(itertools.islice(given, CHUNK)):
            yield from zip(chunk, self.decode(self.plain(chunk)), strict=True)

    def _chunk(self, texts: int, of_words: bool) -> ChunkBuilder:
        layout = self._layouts[texts]
        return ChunkBuilder(layout, self._room(layout), of_words, self.cuts_begin)

    def _ids(self, texts: Sequence[str]) -> Iterator[list[int]]:
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return (encoding.ids for encoding in encodings)

    def _room(self, layout: Sequence[Piece]) -> int:
        special = sum(len(piece.ids) for piece in layout)
        texts = sum(piece.text is not None for piece in layout)
        if self.max_length - special < texts:
            what = "two texts" if texts == 2 else "a text"
            raise DataError(
                f"data.max_length: {self.max_length} leaves no room for {what} besides {special} special tokens: "
                f"give at least {special + texts}"
            )
        return self.max_length - special


def _add(tokenizer: "tokenizers.Tokenizer", tokens: Sequence[str]) -> dict[str, int]:
    """Add the special tokens that a tokenizer lacks; returns the ids of these."""
    new = [token for token in tokens if tokenizer.token_to_id(token) is None]
    tokenizer.add_special_tokens(new)
    return {token: _id(tokenizer, token) for token in new}


def _id(tokenizer: "tokenizers.Tokenizer", token: str) -> int:
    found = tokenizer.token_to_id(token)
    if found is None:
        raise TypeError(f"the tokenizer did not accept {token!r}")
    return found


def _is_byte_level(pre_tokenizer: Mapping[str, Any] | None) -> bool:
    """Return whether a tokenizer.json's pre_tokenizer, or a part of it, is byte-level."""
    if pre_tokenizer is None:
        return False
    parts = pre_tokenizer.get("pretokenizers", [])
    return pre_tokenizer.get("type") == "ByteLevel" or any(_is_byte_level(part) for part in parts)


def _pad_token_id(tokenizer: "tokenizers.Tokenizer", pad_token: str | None) -> int:
    """Return the id that pads batches.

    Padding is always masked, so id 0 serves if a tokenizer names no padding token.
    """
    found = None if pad_token is None else tokenizer.token_to_id(pad_token)
    if found is None and tokenizer.padding is not None:
        found = tokenizer.padding["pad_id"]
    return found or 0
