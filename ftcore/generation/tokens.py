"""Reads from a model's files which tokens begin, end, or may not occur in generated texts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ftcore.errors import ModelError, SpecError


@dataclass(frozen=True)
class GenerationTokens:
    """The special tokens of generation, by id.

    Attributes:
        stop: tokens that end a text.
        start: the token that begins an encoder-decoder's text; None if prompts give it.
        forced_first: the forced first new token of an encoder-decoder, or None.
        forced_last: the only tokens allowed as the last of max_new_tokens; () for any.
        suppressed: tokens that are never generated.
        suppressed_first: tokens that are not generated as the first new token.
        forbidden: sequences that are never generated.
    """

    stop: tuple[int, ...] = ()
    start: int | None = None
    forced_first: int | None = None
    forced_last: tuple[int, ...] = ()
    suppressed: tuple[int, ...] = ()
    suppressed_first: tuple[int, ...] = ()
    forbidden: tuple[tuple[int, ...], ...] = ()

    def stopping_at(self, names: Sequence[str], id_of: Callable[[str], int | None]) -> "GenerationTokens":
        """Return the same with more stop tokens.

        Args:
            names: the tokens, as the tokenizer writes them.
            id_of: returns a token's id, or None if it does not exist, as `tokenizers.Tokenizer.token_to_id` does.

        Raises:
            SpecError: a token does not exist.
        """
        found = {name: id_of(name) for name in names}
        if missing := [name for name, token in found.items() if token is None]:
            raise SpecError(f"generation.stop_tokens: the tokenizer has no token {missing[0]!r}")
        more = (token for token in found.values() if token is not None)
        return replace(self, stop=tuple(dict.fromkeys((*self.stop, *more))))


def generation_tokens(path: Path, fields: Mapping[str, Any]) -> GenerationTokens:
    """Return the tokens in the fields of a config; `path` is for errors."""
    start = _one(path, fields, "decoder_start_token_id")
    stop, forbidden = _some(path, fields, "eos_token_id"), fields.get("bad_words_ids") or []
    if not isinstance(forbidden, list):
        raise ModelError(f"{path}: bad_words_ids is {forbidden!r}, but must be a list of lists of token ids")
    sequences = [_ids(path, "bad_words_ids", value) for value in forbidden]
    return GenerationTokens(
        stop=stop,
        start=_one(path, fields, "bos_token_id") if start is None else start,
        forced_first=_one(path, fields, "forced_bos_token_id"),
        forced_last=_some(path, fields, "forced_eos_token_id"),
        suppressed=_some(path, fields, "suppress_tokens"),
        suppressed_first=_some(path, fields, "begin_suppress_tokens"),
        # As in transformers, a stop token cannot be forbidden.
        forbidden=tuple(one for one in sequences if one not in {(token,) for token in stop}),
    )


def _one(path: Path, fields: Mapping[str, Any], name: str) -> int | None:
    found = _some(path, fields, name)
    if len(found) > 1:
        raise ModelError(f"{path}: {name} is {fields[name]!r}, but must be one token id")
    return found[0] if found else None


def _some(path: Path, fields: Mapping[str, Any], name: str) -> tuple[int, ...]:
    value = fields.get(name)
    if value is None:
        return ()
    return _ids(path, name, value if isinstance(value, list) else [value])


def _ids(path: Path, name: str, values: Any) -> tuple[int, ...]:
    right = isinstance(values, list) and all(
        isinstance(value, int) and not isinstance(value, bool) and value >= 0 for value in values
    )
    if not right:
        raise ModelError(f"{path}: {name} holds {values!r}, but must hold token ids: whole numbers from 0")
    return tuple(values)
