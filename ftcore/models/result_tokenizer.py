"""Completes a result's files so that transformers reads texts as ftcore does: padding, inputs and ends of texts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ftcore.contract.network import EncoderDecoder, Head, Network, Transformer
from ftcore.files import read_object
from ftcore.models.model_plan import ModelPlan
from ftcore.text import PAD, ROLES_FILE, TOKENIZER_CONFIG, Padding, Tokenizer, padding_of

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
        folder: holds the tokenizer's files.
        plan: the network and its tokenizer.
        is_apart: whether the head is in a separate file.
    """
    network, body = plan.network, plan.network.architecture.body
    if not network.architecture.token_tables or not isinstance(body, Transformer | EncoderDecoder):
        return Completed()
    tokenizer = _tokenizer(plan)
    reads_last = isinstance(network.head, Head) and network.head.pooling == "last" and not is_apart
    padding = padding_of(tokenizer, network.architecture.config.get(PAD_ID), reads_last)
    named = tokenizer.special_tokens.get(PAD)
    _write(folder, network, None if padding is None or padding.token == named else padding.token)
    own = None if padding is None else padding.id
    return Completed({PAD_ID: own} if reads_last else {}, _generation(plan, tokenizer), _notes(padding, named))


def _tokenizer(plan: ModelPlan) -> Tokenizer:
    stored = Tokenizer.load(plan.tokenizer_folder, LONGEST)
    return stored if plan.tokenizer_json is None else Tokenizer(plan.tokenizer_json, stored.special_tokens, LONGEST)


def _write(folder: Path, network: Network, padding: str | None) -> None:
    """Complete the files; `padding` is a padding token that they do not name."""
    body, named = network.architecture.body, {} if padding is None else {PAD: padding}
    decoder = isinstance(body, Transformer)
    # New tokens are put behind a text, so that texts of unlike length must end in the same column.
    side = "left" if decoder and network.predicts_tokens and network.architecture.generates else "right"
    types = ["token_type_ids"] if isinstance(body, Transformer) and body.token_types > 1 else []
    inputs = {"padding_side": side, "model_input_names": ["input_ids", *types, "attention_mask"]}
    _merge(folder / TOKENIZER_CONFIG, {**inputs, **named})
    if (folder / ROLES_FILE).is_file():
        _merge(folder / ROLES_FILE, named)


def _generation(plan: ModelPlan, tokenizer: Tokenizer) -> dict[str, Any]:
    """Return the settings of generation, whose texts end with the token that the network learned as their end."""
    if not (plan.network.predicts_tokens and plan.network.architecture.generates):
        return {}
    target = plan.target_tokenizer_folder
    end = (tokenizer if target is None else Tokenizer.load(target, LONGEST)).token_id(END)
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
