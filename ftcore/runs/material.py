"""What a backend is given of a run: the network, its initial values, and the splits as that network reads them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ftcore.contract.network import Network
from ftcore.contract.optimizers import LearningRates, Optimizer
from ftcore.data.dataset import CountedDataset
from ftcore.data.prepare import PreparedData
from ftcore.inputs.tokens.store import TokenDataset
from ftcore.models import LeanTable, ModelPlan, lean_table


@dataclass(frozen=True)
class Material:
    """What a backend is given.

    Attributes:
        network: the model's, with a token table of the rows that the data can reach where that is exact.
        tensors: its initial values.
        splits: "train" and, where there are any, "validation" and "test".
        lean: the way back to the model's own table; None where `network` has it.
        optimizer, learning_rates: what rows that the data cannot reach go through.
    """

    network: Network
    tensors: Mapping[str, np.ndarray]
    splits: Mapping[str, CountedDataset]
    lean: LeanTable | None
    optimizer: Optimizer
    learning_rates: LearningRates

    def whole(self, tensors: Mapping[str, np.ndarray], step: int) -> Mapping[str, np.ndarray]:
        """Return the model's tensors after a step, given those of `network`."""
        if self.lean is None:
            return tensors
        rates = [self.learning_rates.at(index) for index in range(1, step + 1)]
        factors = (self.optimizer.untouched(rate, decays=True) for rate in rates)
        return self.lean.restore(tensors, math.prod(factor for factor in factors if factor is not None))


def material_of(
    model: ModelPlan,
    data: PreparedData,
    trainable: frozenset[str] | None,
    optimizer: Optimizer,
    learning_rates: LearningRates,
) -> Material:
    """Return what a backend is given, with a short token table where the table is trained and that is exact."""
    splits = data.splits
    texts = {name: split for name, split in splits.items() if isinstance(split, TokenDataset)}
    lean = _lean(model, texts, trainable, optimizer)
    if lean is None:
        return Material(model.network, model.tensors, splits, None, optimizer, learning_rates)
    renumbered = {name: split.renumbered(lean.places) for name, split in texts.items()}
    return Material(lean.network, lean.shorten(model.tensors), renumbered, lean, optimizer, learning_rates)


def _lean(
    model: ModelPlan, splits: Mapping[str, TokenDataset], trainable: frozenset[str] | None, optimizer: Optimizer
) -> LeanTable | None:
    if optimizer.untouched(optimizer.learning_rate, decays=True) is None:
        return None
    table = model.network.architecture.token_table
    if table is None:
        return None
    occurring = np.logical_or.reduce([split.occurring(table.shape[0]) for split in splits.values()])
    lean = lean_table(model.network, model.tensors, occurring)
    # A frozen table costs no update.
    return lean if lean is not None and (trainable is None or lean.name in trainable) else None
