"""Adapts an architecture's config to the vocabulary of a tokenizer that was trained for it."""

from collections.abc import Mapping
from typing import Any

from ftcore.models.families import ENCODER_DECODERS, NATIVE
from ftcore.text import SpecialTokens


def fitted(config: Mapping[str, Any], tokens: SpecialTokens) -> dict[str, Any]:
    """Return a config with a tokenizer's number of tokens and ids of special tokens.

    Args:
        config: config.json as read.
        tokens: special tokens of the tokenizer.
    """
    own: dict[str, int | None] = {"vocab_size": tokens.vocabulary, "pad_token_id": tokens.pad}
    if config.get("model_type") in {family.name for family in NATIVE}:
        # They know no other tokens.
        return {**config, **own}
    own |= {"bos_token_id": tokens.begin, "eos_token_id": tokens.end}
    if config.get("model_type") in ENCODER_DECODERS:
        own |= {"decoder_start_token_id": tokens.begin}
    others = {
        "cls_token_id": tokens.begin,
        "sep_token_id": tokens.end,
        "decoder_vocab_size": tokens.vocabulary,
        "forced_bos_token_id": None,
        "forced_eos_token_id": tokens.end,
        "bad_words_ids": None,
    }
    return {**config, **own, **{name: value for name, value in others.items() if name in config}}
