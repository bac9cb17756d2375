"""Completes a result's files so that transformers reads texts as ftcore does: padding, inputs and ends of texts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ftcore.contract.network import EncoderDecoder, Head, Network, Transformer
from ftcore.files import read_object
from ftcore.models.model_plan import ModelPlan
from ftcore.text import PAD, TARGET_TOKENIZER, Padding, Tokenizer, padding_of

TOKENIZER_CONFIG, ROLES_FILE = "tokenizer_config.json", "special_tokens_map.json"
LONGEST = 2**31 - 1
"""No text is truncated here."""
PAD_ID, END_ID, END = "pad_token_id", "eos_token_id", "eos_token"


@dataclass(frozen=True)
class Completed:
    """What a tokenizer adds to the other files of a result.

    Attributes:
        config: fields of config.json.
        generation: content of generation_config.json; {} for a network that generates nothing.
        notes: notes for the user.
    """

    config: Mapping[str, Any] = field(default_factory=dict)
    generation: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def complete_tokenizer(folder: Path, plan: ModelPlan, is_apart: bool) -> Completed:
    """Add to a tokenizer's files which token pads, on which side, and which inputs the network takes.

    A classifier of transformers that reads the last token finds it by the padding token's id in config.json.

    Args:
        folder: holds the result's config.json and the tokenizer's files.
        plan: the network.
        is_apart: whether the head is in a separate file.
    """
    network, body = plan.network, plan.network.architecture.body
    if not network.architecture.token_tables or not isinstance(body, Transformer | EncoderDecoder):
        return Completed()
    tokenizer = Tokenizer.load(folder, LONGEST)
    reads_last = isinstance(network.head, Head) and network.head.pooling == "last" and not is_apart
    padding = padding_of(tokenizer, network.architecture.config.get(PAD_ID), reads_last)
    named = tokenizer.special_tokens.get(PAD)
    other = {} if padding is None or padding.token == named else {PAD: padding.token}
    _write(folder, network, _types(body, tokenizer), other)
    own = {PAD_ID: None if padding is None else padding.id}
    return Completed(own if reads_last else {}, _generation(folder, plan, tokenizer), _notes(padding, named))


def _types(body: Transformer | EncoderDecoder, tokenizer: Tokenizer) -> list[str]:
    """Return the name of the token types if the network and the tokenizer have them."""
    pair, _ = tokenizer.around_pair()
    has_types = isinstance(body, Transformer) and body.token_types > 1 and any(piece.type_id for piece in pair)
    return ["token_type_ids"] if has_types else []


def _write(folder: Path, network: Network, types: Sequence[str], padding: Mapping[str, str]) -> None:
    decoder = isinstance(network.architecture.body, Transformer) and network.architecture.generates
    # New tokens are put behind a text, so that texts of unlike length must end in the same column.
    side = "left" if decoder and network.predicts_tokens else "right"
    inputs = {"padding_side": side, "model_input_names": ["input_ids", *types, "attention_mask"]}
    _merge(folder / TOKENIZER_CONFIG, {**inputs, **padding})
    if (folder / ROLES_FILE).is_file():
        _merge(folder / ROLES_FILE, padding)


def _generation(folder: Path, plan: ModelPlan, tokenizer: Tokenizer) -> dict[str, Any]:
    """Return the settings of generation, whose texts end with the token that the network learned as their end."""
    if not (plan.network.predicts_tokens and plan.network.architecture.generates):
        return {}
    target = folder / TARGET_TOKENIZER
    end = (Tokenizer.load(target, LONGEST) if target.is_dir() else tokenizer).token_id(END)
    given = plan.generation.get(END_ID)
    stops = given if isinstance(given, list) else [one for one in [given] if one is not None]
    ends = {} if end is None or end in stops else {END_ID: [*stops, end] if stops else end}
    return {**plan.generation, **ends}


def _notes(padding: Padding | None, named: str | None) -> tuple[str, ...]:
    if padding is None:
        return ("the tokenizer has no special token that can pad: transformers reads one text at a time here",)
    if padding.token == named:
        return ()
    known = "names no padding token" if named is None else f"pads with {named!r}, with which texts may end"
    return (
        f"the tokenizer {known}: the result names {padding.token!r} (id {padding.id}), for batches in transformers",
    )


def _merge(path: Path, fields: Mapping[str, Any]) -> None:
    """Add fields to a JSON file, which is created if it does not exist."""
    given = read_object(path) if path.is_file() else {}
    path.write_text(json.dumps({**given, **fields}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
