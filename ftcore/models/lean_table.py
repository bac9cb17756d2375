"""Reduces the token table of a training to the rows that occur in the data.

A row whose token never occurs has no gradient and no moments in any step, so a step only multiplies it by the factor
`Optimizer.untouched`. A backend therefore gets a table with the rows that occur. The other rows are multiplied by the
factors of all steps at once and put back when the result is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ftcore.contract.network import Architecture, Network, Parameter, Transformer
from ftcore.models.vocabulary import with_vocabulary


@dataclass(frozen=True)
class LeanTable:
    """A network with a reduced token table, and the means to restore the whole table.

    Attributes:
        network: the network with the reduced table.
        name: the table's checkpoint name.
        rows: int64 [kept], the ids of the tokens that occur, ascending; the rows of the short table.
        whole: the initial table, [vocabulary, hidden].
    """

    network: Network
    name: str
    rows: np.ndarray
    whole: np.ndarray

    @property
    def places(self) -> np.ndarray:
        """int32 [vocabulary]: the row of each token in the short table; tokens that do not occur have row 0."""
        places = np.zeros(len(self.whole), dtype=np.int32)
        places[self.rows] = np.arange(len(self.rows), dtype=np.int32)
        return places

    def shorten(self, tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the network's tensors, each of its own shape, with the reduced table [kept, hidden]."""
        return {**tensors, self.name: tensors[self.name][self.rows]}

    def restore(self, tensors: Mapping[str, np.ndarray], factor: float) -> dict[str, np.ndarray]:
        """Return the tensors, of their own shapes, with the whole table; rows that do not occur are scaled by `factor`.

        Args:
            tensors: each of its own shape, with the reduced table.
            factor: multiplies the initial values of the rows that do not occur.
        """
        short = tensors[self.name]
        whole = (self.whole.astype(np.float64) * factor).astype(short.dtype)
        whole[self.rows] = short
        return {**tensors, self.name: whole}


def lean_table(network: Network, tensors: Mapping[str, np.ndarray], occurring: np.ndarray) -> LeanTable | None:
    """Return the network with the rows that occur, or None if nothing can be saved.

    The head of a language model has a logit for every row, and reads every row if it is tied.

    Args:
        network: a network whose table is read only by token ids.
        tensors: its initial values, each of its own shape.
        occurring: bool [vocabulary], the tokens that can occur in the data or its padding.
    """
    table = network.architecture.token_table
    if table is None or network.predicts_tokens or occurring.all():
        return None
    occurring = occurring.copy()
    if table.zero_row is not None:
        occurring[table.zero_row] = True
    body = network.architecture.body
    if isinstance(body, Transformer) and body.uncounted_token is not None:
        # It keeps its id, of which the positions of its own and of later tokens depend.
        occurring[: body.uncounted_token + 1] = True
    rows = np.flatnonzero(occurring)
    short = Network(_shortened(network.architecture, table, rows), network.head)
    return LeanTable(short, table.name, rows, tensors[table.name])


def _shortened(architecture: Architecture, table: Parameter, rows: np.ndarray) -> Architecture:
    pad_token = None if table.zero_row is None else int(np.searchsorted(rows, table.zero_row))
    return with_vocabulary(architecture, len(rows), pad_token)
