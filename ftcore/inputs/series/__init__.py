"""Reads series of vectors, [steps, channels] per example."""

from ftcore.inputs.series.series import Series

__all__ = ["Series"]
