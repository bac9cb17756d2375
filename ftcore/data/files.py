"""Loads files with what their further columns say about rows."""

from dataclasses import replace

import numpy as np

from ftcore.data.dataset import CountedDataset
from ftcore.data.loaded import LoadedFile, Loader
from ftcore.data.reading import Reading
from ftcore.data.rejections import rejected_rows
from ftcore.data.row_columns import RowFacts, read_row_facts
from ftcore.data.sources import Location
from ftcore.errors import DataError


def load_file(loader: Loader, location: Location, reading: Reading) -> LoadedFile:
    """Load a file; its examples have the weights of their rows.

    Args:
        loader: loads files for the run's model.
        location: the file, or files, as the spec names them.
        reading: how its rows become examples, and which columns about rows are read.

    Raises:
        DataError: the file is wrong.
    """
    file = loader.load(location, reading)
    if not reading.rules.about_rows:
        return file
    facts = read_row_facts(location, loader.base, reading, rejected_rows(file.stored))
    _check_length(file, facts)
    dataset = file.dataset if facts.weights is None else _weighted(file.dataset, facts.weights)
    return replace(file, dataset=dataset, facts=facts)


def rows_of(dataset: CountedDataset) -> np.ndarray:
    """Return the number of examples of each row, int64 [rows]; the parts of a text or sentence stay together."""
    return np.ones(len(dataset), np.int64) if dataset.parts is None else dataset.parts


def _weighted(dataset: CountedDataset, weights: np.ndarray) -> CountedDataset:
    return dataset.weighted(np.repeat(weights, rows_of(dataset)))


def _check_length(file: LoadedFile, facts: RowFacts) -> None:
    rows = len(rows_of(file.dataset))
    for values in (facts.weights, facts.groups, facts.splits):
        if values is not None and len(values) != rows:
            raise DataError(f"{file.name}: {rows} rows were read, but its columns about rows have {len(values)} values")
