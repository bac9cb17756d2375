"""Renumbers the tokens of splits for a token table reduced to the rows that they use."""

import numpy as np

from ftcore.contract.optimizers import Optimizer
from ftcore.data import Splits
from ftcore.inputs.tokens.store import TokenDataset
from ftcore.models import LeanTable, ModelPlan, lean_table


def shortened(
    model: ModelPlan, splits: Splits, trainable: frozenset[str] | None, optimizer: Optimizer
) -> tuple[LeanTable, Splits] | None:
    """Return a reduced token table and the renumbered splits; None if the table is frozen or must stay whole.

    Args:
        model: the network and its initial values.
        splits: splits of tokens.
        trainable: names of the trained parameters; None means all.
        optimizer: determines how a row without a gradient changes.
    """
    table = model.network.architecture.token_table
    if table is None or optimizer.untouched(optimizer.learning_rate, decays=True) is None:
        return None
    tokens = {name: split for name, split in splits.items() if isinstance(split, TokenDataset)}
    occurring = np.logical_or.reduce([split.occurring(table.shape[0]) for split in tokens.values()])
    lean = lean_table(model.network, model.tensors, occurring)
    # A frozen table is not updated, so there is nothing to save.
    if lean is None or (trainable is not None and lean.name not in trainable):
        return None
    return lean, {name: split.renumbered(lean.places) for name, split in tokens.items()}
