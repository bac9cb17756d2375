"""Defines a batch: examples as rectangular arrays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

TOKEN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""The inputs of padded tokens, int32 [sequences, length] each."""


@dataclass(frozen=True)
class Batch:
    """Examples as rectangular arrays.

    Attributes:
        inputs: for a token network `input_ids`, `attention_mask`, `token_type_ids`: int32 [sequences, length];
            for ready features `features`: float [examples, size]; for sequences of ready vectors `values`: float
            [sequences, length, channels], and `attention_mask`; for images `pixel_values`: float [examples, channels,
            height, width]; for a foreign module the inputs that it takes. Floating inputs are cast to the type of the
            parameters. Padding is on the right.
            A network that encodes two texts of an example separately has 2 * examples sequences: the texts of
            example i are rows 2i and 2i + 1. With three texts, there are 3 * examples.
            An encoder-decoder also has `decoder_input_ids` and `decoder_attention_mask`, int32 [rows, target length],
            and its labels and weights are [rows, target length].
            Packed rows have no `attention_mask`, but `position_ids`, which restart at each sequence, and
            `segment_ids`, the index of a token's sequence (padding has the number of sequences), both int32
            [rows, length]; a token attends only to its own segment. `starts` and `lengths`, int32 [sequences], are
            where each sequence begins in the concatenated rows, and its length; `sequences`, int32 [rows, slots],
            lists the sequences of each row, padded with the number of sequences.
        targets: arrays that the loss reads: `labels`, int32 [examples] or float32 [examples, outputs]; may be empty.
            For text embeddings the labels are float32 [examples, 1], or [examples, 0] if examples have no scores.
            For a network with a TokenHead they are int32 [rows, length], one for each position of its logits.
        weights: float32 [examples], the weight of each example in the loss; with a TokenHead float32 [rows, length],
            the weight of each position, 0 where there is no label (the label is then any class).
        example_ids: int64 [examples], the row of each example in its data set.
        tokens: number of tokens without padding; 0 if the inputs are not tokens.
    """

    inputs: Mapping[str, np.ndarray]
    targets: Mapping[str, np.ndarray]
    weights: np.ndarray
    example_ids: np.ndarray
    tokens: int = 0

    @property
    def examples(self) -> int:
        """Number of examples."""
        return len(self.example_ids)
