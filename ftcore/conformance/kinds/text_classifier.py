"""Texts, and classes of theirs."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ftcore.conformance import batches, quantities
from ftcore.conformance.draws import SEED
from ftcore.conformance.kinds import texts
from ftcore.conformance.kinds.base import LABELS, Fields, Kind
from ftcore.contract import Batch
from ftcore.contract.network import Network
from ftcore.contract.seeds import generator
from ftcore.models.config import generic_labels
from ftcore.models.families import FAMILIES
from ftcore.models.folder import write_model
from ftcore.models.plan import ModelPlan, plan_model
from ftcore.spec.model import ModelSpec
from ftcore.tasks import TASKS

TASK = "text-classification"


def _batch(config: Fields, step: int) -> Batch:
    draw = generator(SEED, "conformance", "family labels", step)
    return texts.batch(config, step, draw.integers(0, LABELS, size=len(texts.LENGTHS)).astype(np.int32))


def network(config: Fields) -> Network:
    """Return the classifier of a config, no dropout."""
    family = FAMILIES[config["model_type"]]
    architecture = family.architecture(config, 0.0)
    return Network(architecture, family.head(architecture, LABELS, family.pooling, "joint"))


def class_name(family: str) -> str:
    """Return the classifier's class in transformers."""
    return FAMILIES[family].classifier_class


def _plan(folder: Path) -> ModelPlan:
    return plan_model(ModelSpec(pretrained=str(folder), dropout=0.0), LABELS, "joint", 0, folder)


def write(folder: Path, plan: ModelPlan, tensors: Mapping[str, np.ndarray]) -> None:
    """Write a classifier's folder, in the checkpoint's type."""
    write_model(folder, plan, tensors, generic_labels(LABELS), TASKS[TASK], None, {"max_length": 8})


TEXT_CLASSIFIER = Kind("text classifier", quantities.FORWARD, _batch, network, class_name, _plan, write, batches.packed)
