"""Draws the texts from fixed keys, padded on the right with the config's padding token."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ftcore.conformance import batches
from ftcore.contract import Batch

LENGTHS = (8, 5, 3, 2, 7, 1)
PADDED = 10
"""Columns of a batch; even the longest text is padded."""


def batch(config: Mapping[str, Any], step: int, labels: np.ndarray) -> Batch:
    """Return the texts of a step with labels [texts] or [texts, length]; no text has the padding token."""
    drawn = batches.tokens(LENGTHS, PADDED, config["vocab_size"], labels, "families", step)
    mask = drawn.inputs["attention_mask"]
    types = np.minimum(drawn.inputs["token_type_ids"], max(token_types(config) - 1, 0)).astype(np.int32)
    ids = without_padding_token(drawn.inputs["input_ids"], mask, config)
    return replace(drawn, inputs={"input_ids": ids, "attention_mask": mask, "token_type_ids": types})


def without_padding_token(ids: np.ndarray, mask: np.ndarray, config: Mapping[str, Any]) -> np.ndarray:
    """Return ids with the config's padding token only at padding; as `batches.without_padding_token`."""
    padding = config.get("pad_token_id") or 0
    return batches.without_padding_token(ids, mask, padding)


def token_types(config: Mapping[str, Any]) -> int:
    """Return the rows of the table of token types; 0 if the config has no such field."""
    return int(config.get("type_vocab_size") or 0)


def token_weights(mask: np.ndarray, lengths: Sequence[int]) -> np.ndarray:
    """Return the weights of labels, float32 [rows, length]: 1 per label, but 0.25 for the second of each text.

    Args:
        mask: int32 [rows, length], 1 at real tokens.
        lengths: number of labels of each text, at the start of its row.
    """
    weights = (np.arange(mask.shape[1]) < np.asarray(lengths)[:, None]).astype(np.float32)
    weights[:, 1] *= 0.25
    return weights
