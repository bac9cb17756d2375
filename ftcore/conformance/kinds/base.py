"""The definition of a kind of network for conformance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import Batch
from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.contract.network import Network
from ftcore.models import ModelPlan

Fields = Mapping[str, Any]
LABELS = 3
"""Classes of a classifier."""


@dataclass(frozen=True)
class Kind:
    """The inputs and outputs of networks of a kind.

    Attributes:
        name: unique.
        outputs: the quantity of logits and loss in the table.
        batch: maps a config and the number of a step to the batch of that step.
        network: maps a whole config, with its family, to the network without dropout.
        class_name: maps a family to its class in transformers.
        plan: maps a folder to the network with its values, without dropout.
        write: writes a folder as `ftcore.models.write_model` does: folder, plan, tensors.
        packed: maps a batch by `batch` and the columns of a row to packed rows; None if they are not measured.
        loss: the loss of its logits.
    """

    name: str
    outputs: str
    batch: Callable[[Fields, int], Batch]
    network: Callable[[Fields], Network]
    class_name: Callable[[str], str]
    plan: Callable[[Path], ModelPlan]
    write: Callable[[Path, ModelPlan, Mapping[str, np.ndarray]], object]
    packed: Callable[[Batch, int], Batch] | None = None
    loss: Loss = field(default_factory=CrossEntropy)
