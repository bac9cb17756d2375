"""Writes out the tokens of examples, to be looked at."""

from collections.abc import Mapping

import numpy as np

from ftcore.data import Dataset
from ftcore.text import Tokenizer

IDS, MASK = "input_ids", "attention_mask"


def shown_tokens(dataset: Dataset, tokenizers: Mapping[str, Tokenizer]) -> dict[str, list[list[str]]]:
    """Return the tokens of each sequence of a few examples, without padding.

    Args:
        dataset: the examples.
        tokenizers: the tokenizer of each of the network's inputs, by the prefix of its name: "" or "decoder_".
    """
    inputs = dataset.batch(np.arange(len(dataset))).inputs
    found = {}
    for prefix, tokenizer in tokenizers.items():
        if f"{prefix}{IDS}" in inputs:
            ids = inputs[f"{prefix}{IDS}"]
            mask = inputs.get(f"{prefix}{MASK}", np.ones_like(ids))
            rows = zip(ids.reshape(-1, ids.shape[-1]), mask.reshape(-1, mask.shape[-1]), strict=True)
            found[f"{prefix}tokens"] = [tokenizer.tokens(row[real > 0].tolist()) for row, real in rows]
    return found
