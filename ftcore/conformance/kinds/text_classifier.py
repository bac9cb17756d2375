"""The kind of text classifiers: texts with classes."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from ftcore.conformance import batches, quantities
from ftcore.conformance.draws import SEED
from ftcore.conformance.kinds import texts
from ftcore.conformance.kinds.base import LABELS, Fields, Kind
from ftcore.contract import Batch
from ftcore.contract.network import Network
from ftcore.contract.seeds import generator
from ftcore.models import (
    FAMILIES,
    ModelPlan,
    ModelSpec,
    SequenceHead,
    generic_labels,
    plan_model,
    write_model,
)
from ftcore.text import copy_tokenizer

HEAD = SequenceHead(LABELS)
PROBLEM_TYPE = "single_label_classification"
"""transformers' problem_type for one class per text."""


def _batch(config: Fields, step: int) -> Batch:
    draw = generator(SEED, "conformance", "family labels", step)
    return texts.batch(config, step, draw.integers(0, LABELS, size=len(texts.LENGTHS)).astype(np.int32))


def network(config: Fields) -> Network:
    """Return the classifier of a config without dropout."""
    family = FAMILIES[config["model_type"]]
    architecture = family.architecture(config, 0.0)
    return Network(architecture, family.head(architecture, LABELS, family.pooling, "joint"))


def class_name(family: str) -> str:
    """Return the classifier's class in transformers."""
    return FAMILIES[family].classifier_class


def _plan(folder: Path) -> ModelPlan:
    return plan_model(ModelSpec(pretrained=str(folder), dropout=0.0), HEAD, 0, folder)


def write(folder: Path, plan: ModelPlan, tensors: Mapping[str, np.ndarray]) -> None:
    """Write the folder of a classifier in the checkpoint's type; each tensor has its own shape."""
    write_inputs = partial(copy_tokenizer, plan.tokenizer_folder)
    write_model(folder, plan, tensors, HEAD, None, None, generic_labels(LABELS), PROBLEM_TYPE, write_inputs)


TEXT_CLASSIFIER = Kind("text classifier", quantities.FORWARD, _batch, network, class_name, _plan, write, batches.packed)
