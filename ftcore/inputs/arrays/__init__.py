"""Reads ready arrays from .npz files or folders of .npy files."""

from ftcore.inputs.arrays.arrays import Arrays
from ftcore.inputs.arrays.dataset import ArrayDataset
from ftcore.inputs.arrays.labels import numbers_as_labels, outputs_of, targets_of

__all__ = ["ArrayDataset", "Arrays", "numbers_as_labels", "outputs_of", "targets_of"]
