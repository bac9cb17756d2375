"""Finds the rows that a split must keep together: those of one group, and those with equal content."""

import numpy as np


def units_of(*keys: np.ndarray | None) -> np.ndarray | None:
    """Return a number for each unit of rows that are connected by equal keys, int64 [rows].

    Args:
        keys: arrays [rows] of numbers, such as groups or hashes; None for none.

    Returns:
        The numbers of the units; None if every row is its own unit.
    """
    given = [np.unique(key, return_inverse=True)[1] for key in keys if key is not None]
    joining = [key for key in given if len(key) and key.max() + 1 < len(key)]
    if not joining:
        return None
    return joining[0].astype(np.int64) if len(joining) == 1 else _connected(joining)


def _connected(keys: list[np.ndarray]) -> np.ndarray:
    """Return the component of each row in the graph of rows and keys, int64 [rows]."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, size = np.arange(len(keys[0])), len(keys[0])
    starts = np.cumsum([size, *(int(key.max()) + 1 for key in keys)])
    ends = np.concatenate([key + start for key, start in zip(keys, starts[:-1], strict=True)])
    edges = (np.ones(len(ends), np.bool_), (np.tile(rows, len(keys)), ends))
    _, found = connected_components(coo_array(edges, shape=(starts[-1], starts[-1])), directed=False)
    return np.asarray(found[:size], dtype=np.int64)
