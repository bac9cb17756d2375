"""Checks that a network's outputs are finite, and finds the layer from which on they are not."""

from collections.abc import Iterator

import numpy as np

from ftcore.contract import Batch, Learner, Outputs, Want
from ftcore.data import Dataset
from ftcore.errors import BackendError, NotFiniteError

MASKS = ("attention_mask", "decoder_attention_mask")
"""The inputs that mark real tokens with 1; what a network returns for the others is not read."""


def finite_outputs(learner: Learner, batch: Batch, want: Want) -> Outputs:
    """Compute outputs as `Learner.forward` does.

    Raises:
        NotFiniteError: an output is not finite; names the layer if it is known.
    """
    outputs = learner.forward(batch, want)
    bad = next((found for array in _arrays(outputs) if len(found := _bad_rows(array, batch))), None)
    if bad is None and (outputs.loss is None or np.isfinite(outputs.loss)):
        return outputs
    what = "the network's outputs are" if bad is not None else f"the loss ({outputs.loss}) is"
    layer = f" {where}" if (where := where_not_finite(learner, batch)) else ""
    # Several sequences of an example follow each other.
    example = None if bad is None else int(batch.example_ids[int(bad[0]) * batch.examples // _sequences(batch)])
    raise NotFiniteError(f"{what} not finite{layer}", example)


def where_not_finite(learner: Learner, batch: Batch) -> str:
    """Return from which layer on the hidden states of a batch are not finite; "" if unknown, or if all are finite."""
    try:
        states = learner.forward(batch, Want(logits=False, hidden_states=True)).hidden_states or ()
    except BackendError:
        return ""
    last = len(states) - 1
    for number, array in enumerate(states):
        if len(_bad_rows(array, batch)):
            return "from the embeddings on" if number == 0 else f"from block {number} of {last} on"
    return ""


def row_of(dataset: Dataset, example: int) -> int:
    """Return the number of the row that an example was made of, 1 for the first."""
    parts = getattr(dataset, "parts", None)
    return example + 1 if parts is None else int(np.searchsorted(np.cumsum(parts), example, side="right")) + 1


def _arrays(outputs: Outputs) -> Iterator[np.ndarray]:
    """Yield the requested outputs, each [rows, ...]."""
    yield from (array for array in (outputs.logits, outputs.pooled) if array is not None)
    yield from outputs.hidden_states or ()
    if outputs.likelihood is not None:
        yield outputs.likelihood.log_probability


def _bad_rows(array: np.ndarray, batch: Batch) -> np.ndarray:
    """Return which rows of an output, [rows, ...], are not finite at a real token, int64 [bad rows]."""
    finite = np.isfinite(array).reshape(*array.shape[:2], -1).all(axis=-1) if array.ndim > 2 else np.isfinite(array)
    padding = next((one for one in _paddings(batch) if one.shape == finite.shape), None) if array.ndim > 2 else None
    read = finite if padding is None else finite | padding
    return np.flatnonzero(~read.reshape(len(array), -1).all(axis=1))


def _paddings(batch: Batch) -> Iterator[np.ndarray]:
    """Yield which places of a batch are padding, bool [rows, length]."""
    yield from (batch.inputs[name] == 0 for name in MASKS if name in batch.inputs)
    if "segment_ids" in batch.inputs:
        yield batch.inputs["segment_ids"] == len(batch.inputs["lengths"])


def _sequences(batch: Batch) -> int:
    """Return the number of sequences: of rows of inputs that are not packed."""
    return len(next(iter(batch.inputs.values())))
