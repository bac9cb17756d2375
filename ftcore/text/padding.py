"""Chooses the token with which other programs pad the texts of a model."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from ftcore.text.tokenizer import Tokenizer

PAD = "pad_token"
"""The role of the padding token in a tokenizer's files."""
ROLES = ("eos_token", "unk_token", "bos_token", "sep_token", "cls_token", "mask_token")
"""Other roles whose tokens may pad, the usual ones first."""


class Padding(NamedTuple):
    """A token that pads texts, and its id."""

    token: str
    id: int


def padding_of(tokenizer: Tokenizer, configured: int | None, last_is_read: bool) -> Padding | None:
    """Return the token that pads texts; None if no token can.

    It is the tokenizer's own padding token if that fits, else another special token: an ordinary token would be cut out
    of every text once it is named as special.

    Args:
        tokenizer: the model's tokenizer.
        configured: pad_token_id in the model's config.
        last_is_read: whether the model reads the last token of a text that is not the padding token; so no text may
            end with it.
    """
    ends = _ends(tokenizer) if last_is_read else set()
    chosen = next((identity for identity in _candidates(tokenizer, configured) if identity not in ends), None)
    return None if chosen is None else Padding(tokenizer.tokens([chosen])[0], chosen)


def _candidates(tokenizer: Tokenizer, configured: int | None) -> Iterator[int]:
    """Yield the ids of special tokens, the best ones first."""
    stored = json.loads(tokenizer.stored)
    own = tokenizer.token_id(PAD)
    if own is None and stored.get("padding"):
        own = tokenizer.id_of(stored["padding"].get("pad_token", ""))
    named = [tokenizer.token_id(role) for role in ROLES]
    added = [token["id"] for token in stored.get("added_tokens") or [] if token.get("special")]
    before, after = tokenizer.around()
    special = [*named, *added, *after, *before]
    first = [own, configured if configured in special else None]
    yield from (identity for identity in [*first, *special] if identity is not None)


def _ends(tokenizer: Tokenizer) -> set[int]:
    """Return the special tokens with which a text or a pair of texts ends."""
    pair, _ = tokenizer.around_pair()
    return {layout[-1] for layout in (tokenizer.around()[1], pair[-1].ids) if layout}
