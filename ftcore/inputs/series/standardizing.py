"""Steps of train's mean and deviation: 0 and 1 in each channel."""

from collections.abc import Mapping

from ftcore.data.dataset import CountedDataset
from ftcore.inputs.series.store import VectorDataset


def standardized(splits: Mapping[str, CountedDataset]) -> dict[str, CountedDataset]:
    """Return splits of sequences of numbers with the numbers of train: what is held out of it has no part in them."""
    vectors = {name: split for name, split in splits.items() if isinstance(split, VectorDataset)}
    numbers = vectors["train"].channel_numbers()
    return {name: split.standardized(numbers) for name, split in vectors.items()}
