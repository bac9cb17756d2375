"""Reads files of rows, with one module per format."""

from ftcore.data.readers.base import Reader, Row, place
from ftcore.data.readers.compression import COMPRESSIONS, compression_of, inner_suffix
from ftcore.data.readers.datasets_table import HubName, HubReader, SavedReader
from ftcore.data.readers.decimals import with_points
from ftcore.data.readers.delimited import DelimitedReader, Dialect
from ftcore.data.readers.filtered import FilteredReader
from ftcore.data.readers.one_pass import OnePassReader
from ftcore.data.readers.opening import BINARY, TEXT, Opened
from ftcore.data.readers.several import Part, SeveralReader
from ftcore.data.readers.streams import stream_reader

__all__ = [
    "BINARY",
    "COMPRESSIONS",
    "TEXT",
    "DelimitedReader",
    "Dialect",
    "FilteredReader",
    "HubName",
    "HubReader",
    "OnePassReader",
    "Opened",
    "Part",
    "Reader",
    "Row",
    "SavedReader",
    "SeveralReader",
    "compression_of",
    "inner_suffix",
    "place",
    "stream_reader",
    "with_points",
]
