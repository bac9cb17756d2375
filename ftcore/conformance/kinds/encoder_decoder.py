"""The kind of encoder-decoders: source texts, target texts, and the next token as label of each target token."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ftcore.conformance import batches, quantities
from ftcore.conformance.kinds import language_model, texts
from ftcore.conformance.kinds.base import Fields, Kind
from ftcore.contract import Batch

TARGET_LENGTHS = (3, 6, 1, 5, 4, 2)
TARGET_PADDED = 7
"""Columns of the targets; differs from the number of the sources."""


def _batch(config: Fields, step: int) -> Batch:
    given = texts.batch(_part(config, "encoder"), step, np.zeros(len(texts.LENGTHS), dtype=np.int32))
    labels, mask = _targets(_part(config, "decoder"), step)
    target = np.where(mask == 1, np.roll(labels, 1, axis=1), labels)
    target[:, 0] = config["decoder_start_token_id"]
    return replace(
        given,
        inputs={
            "input_ids": given.inputs["input_ids"],
            "attention_mask": given.inputs["attention_mask"],
            "decoder_input_ids": target,
            "decoder_attention_mask": mask,
        },
        targets={"labels": labels},
        weights=texts.token_weights(mask, TARGET_LENGTHS),
        tokens=given.tokens + int(mask.sum()),
    )


def _targets(config: Mapping[str, Any], step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the tokens of the targets, and their mask."""
    labels = np.zeros(len(TARGET_LENGTHS), dtype=np.int32)
    drawn = batches.tokens(TARGET_LENGTHS, TARGET_PADDED, config["vocab_size"], labels, "family targets", step).inputs
    mask = drawn["attention_mask"]
    return texts.without_padding_token(drawn["input_ids"], mask, config), mask


def _part(config: Fields, part: str) -> Mapping[str, Any]:
    """Return the config of a part if it has its own, else the whole config."""
    found: Mapping[str, Any] = config.get(part, config)
    return found


ENCODER_DECODER = Kind(
    "encoder-decoder",
    quantities.LANGUAGE_MODEL,
    _batch,
    language_model.network,
    language_model.class_name,
    language_model.plan,
    language_model.write,
)
