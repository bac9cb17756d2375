"""Reads the source of a report: comparison.json and the run folders beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftcore.comparison import Record, read_record
from ftcore.errors import RunError
from ftcore.files import read_json


@dataclass(frozen=True)
class Source:
    """A finished comparison.

    Attributes:
        comparison: content of comparison.json.
        records: each backend's run, in the order of the comparison.
    """

    comparison: Mapping[str, Any]
    records: tuple[Record, ...]


def read_source(folder: Path) -> Source:
    """Read a comparison's folder.

    Raises:
        RunError: it holds no finished comparison.
    """
    path = folder / "comparison.json"
    if not path.is_file():
        raise RunError(f"{folder}: there is no comparison here (comparison.json is missing)")
    comparison = read_json(path)
    if comparison.get("status") != "complete":
        raise RunError(f"{folder}: the comparison is not finished: run the command that began it again to continue")
    return Source(comparison, tuple(read_record(name, folder / name) for name in comparison["backends"]))
