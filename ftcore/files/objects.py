"""Reads JSON files of models, with an error of one line that names the file."""

import json
from pathlib import Path
from typing import Any

from ftcore.errors import ModelError


def read_object(path: Path) -> dict[str, Any]:
    """Return a file's JSON object.

    Raises:
        ModelError: it holds something else.
    """
    value = read_value(path)
    if not isinstance(value, dict):
        raise ModelError(f"{path}: is not a JSON object but {type(value).__name__}")
    return value


def read_value(path: Path) -> Any:
    """Return what a file of JSON holds.

    Raises:
        ModelError: it is missing, or no JSON.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ModelError(f"{path}: is not JSON: {error}") from error
