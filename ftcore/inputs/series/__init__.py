"""Series of vectors: [time, channels] for each example."""

from ftcore.inputs.series.series import Series

__all__ = ["Series"]
