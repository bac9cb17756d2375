"""Reads files of rows, with one module per format."""

from ftcore.data.readers.arrow import ArrowReader
from ftcore.data.readers.base import Reader, Row, place
from ftcore.data.readers.conll import ConllReader
from ftcore.data.readers.datasets_table import HubName, HubReader, SavedReader
from ftcore.data.readers.delimited import DelimitedReader
from ftcore.data.readers.json_lines import JsonLinesReader
from ftcore.data.readers.json_list import JsonListReader
from ftcore.data.readers.one_pass import OnePassReader
from ftcore.data.readers.parquet import ParquetReader

__all__ = [
    "ArrowReader",
    "ConllReader",
    "DelimitedReader",
    "HubName",
    "HubReader",
    "JsonLinesReader",
    "JsonListReader",
    "OnePassReader",
    "ParquetReader",
    "Reader",
    "Row",
    "SavedReader",
    "place",
]
