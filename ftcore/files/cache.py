"""What was worked out once, found again by a key of everything that it depends on."""

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
    """Return the key of a folder: its kind, and a hash of everything that it depends on, as JSON holds it."""
    return f"{kind}-{hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()}"


def found_or_built(key: str, opens: Callable[[Path], Stored], writes: Callable[[Path], None]) -> Stored:
    """Return what a key's folder holds; it is built where it was not yet, or is damaged.

    Args:
        key: of the folder.
        opens: raises OSError, EOFError, ValueError or KeyError where the folder is not whole.
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
    """Return what a folder holds, or None where there is none, or it is damaged and so removed."""
    if not folder.is_dir():
        return None
    try:
        return opens(folder)
    except PermissionError as error:
        raise DataError(
            f"{folder} of the cache cannot be read ({error.strerror}): set FTCORE_CACHE to another"
        ) from error
    except (OSError, EOFError, ValueError, KeyError):
        shutil.rmtree(folder, ignore_errors=True)
        return None


def _empty_folder(folder: Path) -> Path:
    """Return an empty folder to fill, beside the one that it becomes."""
    try:
        return empty_beside(folder)
    except OSError as error:
        raise DataError(
            f"the cache folder {folder.parent} cannot be written ({error.strerror}): set FTCORE_CACHE to one that can"
        ) from error
