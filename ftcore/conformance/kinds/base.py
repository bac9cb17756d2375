"""What a kind of network is to conformance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import Batch
from ftcore.contract.network import Network
from ftcore.models import ModelPlan

Fields = Mapping[str, Any]
LABELS = 3
"""Classes of a classifier."""


@dataclass(frozen=True)
class Kind:
    """What networks of a kind are given and give.

    Attributes:
        name: unique.
        outputs: the quantity that logits and loss are measured as.
        batch: from a config and a step's number to what that step is given.
        network: from a whole config, which names its family, to the network, without dropout.
        class_name: from a family to its class in transformers.
        plan: from a folder to the network with its values, without dropout.
        write: writes a folder as `ftcore.models.write_model` does: folder, plan, tensors.
        packed: from a batch of `batch` and the columns of a row to packed rows; None where they are not measured.
    """

    name: str
    outputs: str
    batch: Callable[[Fields, int], Batch]
    network: Callable[[Fields], Network]
    class_name: Callable[[str], str]
    plan: Callable[[Path], ModelPlan]
    write: Callable[[Path, ModelPlan, Mapping[str, np.ndarray]], object]
    packed: Callable[[Batch, int], Batch] | None = None
