"""The kinds of networks of ftcore's own, and batches for them."""

from dataclasses import replace
from typing import Any

import numpy as np
from own_modules import CLASSES, VOCABULARY

from ftcore.conformance import batches
from ftcore.contract import Batch, Learner, Program
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.network import Network
from ftcore.contract.optimizers import SGD
from ftcore.models import FAMILIES

LENGTHS = (8, 5, 3, 2, 7, 1)
TOKENS = {"vocab_size": VOCABULARY, "embedding_size": 5}
STACKED = {"hidden_size": 4, "num_layers": 2, "bidirectional": True}
IMAGE = {"image_size": [8, 13], "num_channels": 2, "block_channels": [3, 4]}
CONFIGS: dict[str, dict[str, Any]] = {
    "lstm": {"model_type": "lstm", **TOKENS, "hidden_size": 4},
    "lstm, stacked both ways": {"model_type": "lstm", **TOKENS, **STACKED},
    "lstm over vectors": {"model_type": "lstm", "input_size": 3, "hidden_size": 4, "bidirectional": True},
    "gru": {"model_type": "gru", **TOKENS, "hidden_size": 4},
    "gru, stacked both ways": {"model_type": "gru", **TOKENS, **STACKED},
    "gru over vectors, stacked": {"model_type": "gru", "input_size": 3, "hidden_size": 4, "num_layers": 2},
    "text-cnn": {"model_type": "text-cnn", **TOKENS, "filter_widths": [3, 4, 5], "num_filters": 4},
    "text-cnn, tanh": {
        "model_type": "text-cnn",
        **TOKENS,
        "filter_widths": [2, 1],
        "num_filters": 3,
        "activation": "tanh",
    },
    "image-cnn": {"model_type": "image-cnn", **IMAGE, "hidden_size": 5},
    "linear": {"model_type": "linear", "input_size": 5},
    "image-cnn, mean": {"model_type": "image-cnn", **IMAGE, "activation": "tanh", "reading": "mean"},
}
"""A name for tests to a config.json, with no dropout anywhere."""


def config(name: str) -> dict[str, Any]:
    return {**CONFIGS[name], "classifier_dropout": 0.0}


def network(config: dict[str, Any], pooling: Any = "pooler", pair: str = "joint") -> Network:
    family = FAMILIES[config["model_type"]]
    architecture = family.architecture(config, None)
    return Network(architecture, family.head(architecture, CLASSES, pooling, pair))


def batch(config: dict[str, Any], padded: int = 9, lengths: tuple[int, ...] = LENGTHS) -> Batch:
    """Six examples in float64; padding holds numbers that must not be seen."""
    found = batches.tokens(lengths, padded, VOCABULARY, np.arange(6, dtype=np.int32) % CLASSES, "native")
    random = np.random.default_rng(0)
    if "image_size" in config:
        shape = (6, config["num_channels"], *config["image_size"])
        return replace(found, inputs={"pixel_values": random.standard_normal(shape)}, tokens=0)
    if config["model_type"] == "linear":
        return replace(found, inputs={"features": random.standard_normal((6, config["input_size"]))}, tokens=0)
    mask = found.inputs["attention_mask"]
    if "input_size" in config:
        values = random.standard_normal((6, 20, config["input_size"]))[:, :padded]
        values[mask == 0] = 7.0
        return replace(found, inputs={"values": values, "attention_mask": mask})
    ids = np.where(mask == 1, found.inputs["input_ids"], 13).astype(np.int32)
    return replace(found, inputs={**found.inputs, "input_ids": ids})


def build(backend: str, network: Network, tensors: Any, precision: str = "float64", **more: Any) -> Learner:
    program = Program(network, CrossEntropy(), SGD(), precision=precision, decay_exempt=frozenset(), seed=4, **more)
    learner = backends.load(backend).build(program, "cpu")
    learner.load_tensors({name: np.asarray(value).astype(precision) for name, value in tensors.items()})
    return learner
