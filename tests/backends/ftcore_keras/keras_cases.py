"""Tiny networks, batches and learners that the tests of this folder share."""

from dataclasses import replace
from typing import Any

import numpy as np
from ftcore_keras import KerasBackend

from ftcore.contract import Batch, Learner, Program, Step
from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.contract.network import Architecture, Dense, Features, Head, Network, Parameter
from ftcore.contract.optimizers import AdamW, Optimizer
from ftcore.models import FAMILIES, least_decayed_dimensions

CONFIG: dict[str, Any] = {
    "model_type": "bert",
    "vocab_size": 50,
    "max_position_embeddings": 24,
    "type_vocab_size": 2,
    "hidden_size": 32,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "pad_token_id": 0,
}


def network(outputs: int = 3, pooling: Any = "pooler", pair: str = "joint", **config: Any) -> Network:
    family = FAMILIES["bert"]
    architecture = family.architecture({**CONFIG, **config}, None)
    return Network(architecture, family.head(architecture, outputs, pooling, pair))


def features_network(size: int, outputs: int) -> Network:
    parameters = (
        Parameter("classifier.weight", "classifier.weight", (outputs, size), "weight", "normal"),
        Parameter("classifier.bias", "classifier.bias", (outputs,), "bias", "zeros"),
    )
    head = Head(outputs, None, None, "single", Dense("classifier"), 0.0, parameters)
    return Network(Architecture(Features(size), ()), head)


def perturbed(network: Network, seed: int = 0) -> dict[str, np.ndarray]:
    """Every parameter at random, biases and norms too: a swapped or forgotten one shows."""
    generator = np.random.default_rng(seed)
    return {
        parameter.name: generator.normal(float(parameter.path.endswith("norm.scale")), 0.2, parameter.shape)
        for parameter in network.parameters
    }


def batch(examples: int = 6, seed: int = 0, sequences: int = 1, labels: np.ndarray | None = None) -> Batch:
    """Token ids of mixed lengths, padded, with two token types."""
    generator = np.random.default_rng(seed)
    rows, length = examples * sequences, 16
    lengths = generator.integers(3, length + 1, rows)
    lengths[0] = length
    mask = (np.arange(length) < lengths[:, None]).astype(np.int32)
    ids = generator.integers(1, CONFIG["vocab_size"], (rows, length)).astype(np.int32) * mask
    types = (np.arange(length) > lengths[:, None] // 2).astype(np.int32) * mask
    return Batch(
        inputs={"input_ids": ids, "attention_mask": mask, "token_type_ids": types},
        targets={"labels": generator.integers(0, 3, examples).astype(np.int32) if labels is None else labels},
        weights=np.ones(examples, np.float32),
        example_ids=np.arange(examples),
        tokens=int(mask.sum()),
    )


def cut(whole: Batch, *places: int) -> list[Batch]:
    """The same examples as several micro-batches, each as short as its longest example."""
    parts = []
    for rows in np.split(np.arange(whole.examples), places):
        inputs = {name: array[rows] for name, array in whole.inputs.items()}
        if "attention_mask" in inputs:
            longest = int(inputs["attention_mask"].sum(axis=1).max())
            inputs = {name: array[:, :longest] for name, array in inputs.items()}
        targets = {name: array[rows] for name, array in whole.targets.items()}
        parts.append(replace(whole, inputs=inputs, targets=targets, weights=whole.weights[rows], example_ids=rows))
    return parts


def step(index: int, *batches: Batch, learning_rate: float = 1e-2, loss: Loss | None = None) -> Step:
    definition = loss or CrossEntropy()
    total = sum(definition.weight(one) for one in batches)
    return Step(index, batches, total, learning_rate)


def learner(
    network: Any, precision: str = "float64", optimizer: Optimizer | None = None, loss: Loss | None = None, **more: Any
) -> Learner:
    """A learner on CPU, its described parameters perturbed."""
    described = isinstance(network, Network)
    exempt = (one.name for one in network.parameters if one.role in ("bias", "norm")) if described else ()
    optimizer = optimizer or AdamW(learning_rate=1e-2)
    program = Program(
        **{
            "network": network,
            "loss": loss or CrossEntropy(),
            "optimizer": optimizer,
            "decay_exempt": frozenset(exempt),
            "least_decayed_dimensions": 0 if described else least_decayed_dimensions(optimizer),
            "precision": precision,
            **more,
        }
    )
    built = KerasBackend().build(program, "cpu")
    if described:
        built.load_tensors(perturbed(network))
    return built


def relative(given: np.ndarray, wanted: np.ndarray) -> float:
    """Relative L2 error."""
    return float(np.linalg.norm(given - wanted) / np.linalg.norm(wanted))
