"""Finds the special tokens in a tokenizer's folder: padding, begin and end of a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ftcore.errors import ModelError
from ftcore.text.stored_tokenizer import stored_tokenizer

PROBE = "a"


@dataclass(frozen=True)
class SpecialTokens:
    """The ids of a tokenizer's special tokens.

    Attributes:
        vocabulary: the number of rows that a table needs: the largest id plus 1.
        pad: the id of padding; 0 if none is named, because padding is always masked.
        begin: the id that begins a text, or a decoder's output; None if there is none.
        end: the id that ends a text; None if there is none.
    """

    vocabulary: int
    pad: int
    begin: int | None
    end: int | None


def special_tokens(folder: Path) -> SpecialTokens:
    """Return the special tokens of a folder's tokenizer.

    Begin and end are bos_token and eos_token, else cls_token and sep_token, else the tokens put around a text.

    Raises:
        ModelError: there is no tokenizer, or it cannot be read.
    """
    import tokenizers

    stored = stored_tokenizer(folder)
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(stored.path))
    except Exception as error:  # the library raises plain Exception for a file that it cannot read
        raise ModelError(f"{stored.path}: is not a tokenizer of the tokenizers library: {error}") from error
    named = {role: tokenizer.token_to_id(token) for role, token in stored.special_tokens.items()}
    around = tokenizer.encode(PROBE).ids
    bare = tokenizer.encode(PROBE, add_special_tokens=False).ids
    before = around[0] if bare and around[0] != bare[0] else None
    after = around[-1] if bare and around[-1] != bare[-1] else None
    return SpecialTokens(
        vocabulary=max(tokenizer.get_vocab(with_added_tokens=True).values()) + 1,
        pad=_first(named, ("pad_token",), 0) or 0,
        begin=_first(named, ("bos_token", "cls_token"), before),
        end=_first(named, ("eos_token", "sep_token"), after),
    )


def _first(named: Mapping[str, int | None], roles: tuple[str, ...], otherwise: int | None) -> int | None:
    return next((named[role] for role in roles if named.get(role) is not None), otherwise)
