"""The networks of about 20 million parameters, and their batches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftcore.contract import Batch

LENGTH, VOCABULARY, LABELS = 128, 16000, 10
WARMUP, STEPS = 2, 6
LEARNING_RATE = 1e-4


@dataclass(frozen=True)
class Kind:
    """A network and its training data.

    Attributes:
        config: config of its family.
        batch: examples per step.
        labels_each: whether each "sequence" or each "position" (of the target, if there is one) has a label.
        has_target: whether it reads a second text.
    """

    config: Mapping[str, Any]
    batch: int
    labels_each: str
    has_target: bool = False


KINDS = {
    "encoder (bert, classifier)": Kind(
        {
            "model_type": "bert",
            "vocab_size": VOCABULARY,
            "hidden_size": 384,
            "num_hidden_layers": 8,
            "num_attention_heads": 6,
            "intermediate_size": 1536,
            "max_position_embeddings": 512,
        },
        16,
        "sequence",
    ),
    "decoder (llama, language model)": Kind(
        {
            "model_type": "llama",
            "vocab_size": VOCABULARY,
            "hidden_size": 384,
            "num_hidden_layers": 8,
            "num_attention_heads": 6,
            "num_key_value_heads": 2,
            "intermediate_size": 1024,
            "max_position_embeddings": 512,
            "tie_word_embeddings": True,
        },
        8,
        "position",
    ),
    "encoder-decoder (t5, language model)": Kind(
        {
            "model_type": "t5",
            "vocab_size": VOCABULARY,
            "d_model": 384,
            "d_kv": 64,
            "d_ff": 1024,
            "num_layers": 4,
            "num_decoder_layers": 4,
            "num_heads": 6,
            "feed_forward_proj": "relu",
        },
        8,
        "position",
        has_target=True,
    ),
}


def batches(kind: Kind) -> Iterator[Batch]:
    """Yield a batch for each step with LENGTH real tokens per text, the same for every contestant."""
    draw = np.random.default_rng(0)
    shape = (kind.batch, LENGTH)
    whole = np.ones(shape, np.int32)
    for step in range(WARMUP + STEPS):
        inputs = {"input_ids": _ids(draw, shape), "attention_mask": whole, "token_type_ids": np.zeros(shape, np.int32)}
        if kind.has_target:
            inputs |= {"decoder_input_ids": _ids(draw, shape), "decoder_attention_mask": whole}
        each = shape if kind.labels_each == "position" else shape[:1]
        labels = draw.integers(0, VOCABULARY if kind.labels_each == "position" else LABELS, each).astype(np.int32)
        numbers = np.arange(step * kind.batch, (step + 1) * kind.batch)
        yield Batch(inputs, {"labels": labels}, np.ones(each, np.float32), numbers, int(whole.sum()))


def _ids(draw: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return draw.integers(3, VOCABULARY, shape).astype(np.int32)
