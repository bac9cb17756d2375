"""A cache of folders, each found by a key of everything that its content depends on."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ftcore.errors import DataError
from ftcore.files.folders import empty_beside, keep_first, removed_afterwards

Stored = TypeVar("Stored")


def cache_folder() -> Path:
    """Return $FTCORE_CACHE, or ~/.cache/ftcore."""
    return Path(os.environ.get("FTCORE_CACHE") or Path.home() / ".cache" / "ftcore")


def key_of(kind: str, depends_on: Mapping[str, Any]) -> str:
    """Return the key of a folder: its kind, and a hash of everything that it depends on, as JSON."""
    return f"{kind}-{hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()}"


def found_or_built(key: str, opens: Callable[[Path], Stored], writes: Callable[[Path], None]) -> Stored:
    """Return the content of a key's folder; the folder is built if it is missing or damaged.

    Args:
        key: key of the folder.
        opens: opens a folder; raises OSError, EOFError, ValueError or KeyError if it is damaged.
        writes: fills an empty folder.

    Raises:
        DataError: the cache cannot be written.
    """
    folder = cache_folder() / key
    found = _opened(folder, opens)
    if found is not None:
        return found
    with removed_afterwards(_empty_folder(folder)) as partial:
        writes(partial)
        keep_first(partial, folder)
    return opens(folder)


def _opened(folder: Path, opens: Callable[[Path], Stored]) -> Stored | None:
    """Return the content of a folder; None if it is missing, or damaged and therefore removed."""
    if not folder.is_dir():
        return None
    try:
        return opens(folder)
    except PermissionError as error:
        raise DataError(
            f"{folder} of the cache cannot be read ({error.strerror}): set FTCORE_CACHE to another folder"
        ) from error
    except (OSError, EOFError, ValueError, KeyError):
        shutil.rmtree(folder, ignore_errors=True)
        return None


def _empty_folder(folder: Path) -> Path:
    """Return an empty folder to fill, beside its final place."""
    try:
        return empty_beside(folder)
    except OSError as error:
        raise DataError(
            f"the cache folder {folder.parent} cannot be written ({error.strerror}): set FTCORE_CACHE to a writable one"
        ) from error
