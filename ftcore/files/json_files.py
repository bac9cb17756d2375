"""Writes JSON files, and reads them with errors that name the file."""

import json
import math
from pathlib import Path
from typing import Any

from ftcore.errors import FtcoreError, ModelError, RunError
from ftcore.files.whole import write_text


def write_json(path: Path, value: Any) -> None:
    """Write an indented JSON file, completely or not at all.

    Raises:
        RunError: a number is not finite, which JSON does not have.
    """
    try:
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise RunError(f"{path}: a number to write is NaN or infinite, which JSON does not have") from error
    write_text(path, text + "\n")


def with_nulls(value: Any) -> Any:
    """Return a JSON value with null in place of every number that is not finite, at any depth."""
    if isinstance(value, dict):
        return {key: with_nulls(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [with_nulls(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_json(path: Path) -> Any:
    """Read a JSON file that ftcore wrote.

    Raises:
        OSError: it is missing.
        ValueError: it is not JSON.
    """
    return json.loads(path.read_text(encoding="utf-8"))


def read_json_lines(path: Path) -> list[Any]:
    """Read a file with one JSON value per line; raises as `read_json` does."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def read_value(path: Path, error: type[FtcoreError] = ModelError) -> Any:
    """Return the content of a user's JSON file.

    Raises:
        FtcoreError: it is missing or not JSON; has the class `error`.
    """
    try:
        return read_json(path)
    except OSError as reason:
        raise error(f"{path}: cannot be read: {reason.strerror}") from reason
    except ValueError as reason:
        raise error(f"{path}: is not JSON: {reason}") from reason


def read_object(path: Path, error: type[FtcoreError] = ModelError) -> dict[str, Any]:
    """Return the JSON object in a user's file.

    Raises:
        FtcoreError: as `read_value`, or the file holds another type.
    """
    value = read_value(path, error)
    if not isinstance(value, dict):
        raise error(f"{path}: is not a JSON object but {type(value).__name__}")
    return value
