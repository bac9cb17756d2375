"""Reads sources as rows, stores examples as arrays, and makes batches; independent of the kind of input."""

from ftcore.data.batches import (
    EVALUATION_TOKENS,
    Batching,
    counted_lengths,
    evaluation_batches,
    global_batch,
    sequence_lengths,
)
from ftcore.data.checks import (
    Rejection,
    check_tags,
    content_hash,
    half_of_a_pair,
    predicate_of,
    read_row,
    require_examples,
    target_of,
    text_hash,
    text_of,
    texts_of,
    words_of,
)
from ftcore.data.collector import TargetCollector
from ftcore.data.columns import ColumnRules, Columns, unread_notes
from ftcore.data.dataset import CountedDataset, Dataset
from ftcore.data.files import load_file
from ftcore.data.forms import (
    COMPLETION,
    IMAGE,
    MESSAGES,
    NUMBERS,
    PAIR,
    PREDICATE,
    PROMPT,
    PROMPT_INPUT,
    REFERENCES,
    REWRITING,
    ROW_COLUMNS,
    SCORE,
    SOURCE,
    TARGET,
    TEXT,
    TEXTS,
    TOKENS,
    TRIPLET,
    WEIGHT,
    Form,
)
from ftcore.data.labeled_rows import LabeledRows, placed
from ftcore.data.loaded import LoadedFile, Loader
from ftcore.data.names import name_text
from ftcore.data.numbers import finite_number
from ftcore.data.numpy_files import ARRAYS, absent, array_files, array_names, open_arrays, read_array
from ftcore.data.packing import pack, sequences_of_rows
from ftcore.data.prepare import Asked, PreparedData, Splits, prepare
from ftcore.data.readers import Row, place
from ftcore.data.reading import Collected, Reading
from ftcore.data.row_encoder import RowEncoder
from ftcore.data.sampler import EpochSampler
from ftcore.data.settings import DataSpec
from ftcore.data.sources import SAVED_MARKS, Location, Source, matching, name_of, open_source, rows
from ftcore.data.split import held_out
from ftcore.data.statistics import data_statistics
from ftcore.data.stored import ExampleWriter, StoredFile, open_folder
from ftcore.data.streams import STANDARD_INPUT, given_rows, open_rows, stored_file
from ftcore.data.table_format import RowChoice, TableFormat, conditions_of, format_of, given_format
from ftcore.data.training_texts import TrainingTexts
from ftcore.data.unused_fields import unused_fields
from ftcore.data.words import WordValues, group_starts, ranges

__all__ = [
    "ARRAYS",
    "COMPLETION",
    "EVALUATION_TOKENS",
    "IMAGE",
    "MESSAGES",
    "NUMBERS",
    "PAIR",
    "PREDICATE",
    "PROMPT",
    "PROMPT_INPUT",
    "REFERENCES",
    "REWRITING",
    "ROW_COLUMNS",
    "SAVED_MARKS",
    "SCORE",
    "SOURCE",
    "STANDARD_INPUT",
    "TARGET",
    "TEXT",
    "TEXTS",
    "TOKENS",
    "TRIPLET",
    "WEIGHT",
    "Asked",
    "Batching",
    "Collected",
    "ColumnRules",
    "Columns",
    "CountedDataset",
    "DataSpec",
    "Dataset",
    "EpochSampler",
    "ExampleWriter",
    "Form",
    "LabeledRows",
    "LoadedFile",
    "Loader",
    "Location",
    "PreparedData",
    "Reading",
    "Rejection",
    "Row",
    "RowChoice",
    "RowEncoder",
    "Source",
    "Splits",
    "StoredFile",
    "TableFormat",
    "TargetCollector",
    "TrainingTexts",
    "WordValues",
    "absent",
    "array_files",
    "array_names",
    "check_tags",
    "conditions_of",
    "content_hash",
    "counted_lengths",
    "data_statistics",
    "evaluation_batches",
    "finite_number",
    "format_of",
    "given_format",
    "given_rows",
    "global_batch",
    "group_starts",
    "half_of_a_pair",
    "held_out",
    "load_file",
    "matching",
    "name_of",
    "name_text",
    "open_arrays",
    "open_folder",
    "open_rows",
    "open_source",
    "pack",
    "place",
    "placed",
    "predicate_of",
    "prepare",
    "ranges",
    "read_array",
    "read_row",
    "require_examples",
    "rows",
    "sequence_lengths",
    "sequences_of_rows",
    "stored_file",
    "target_of",
    "text_hash",
    "text_of",
    "texts_of",
    "unread_notes",
    "unused_fields",
    "words_of",
]
