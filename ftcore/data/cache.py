"""What was worked out once, found again by a key of everything that it depends on."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ftcore.errors import DataError

Stored = TypeVar("Stored")


def cache_folder() -> Path:
    """Return $FTCORE_CACHE, or ~/.cache/ftcore."""
    return Path(os.environ.get("FTCORE_CACHE") or Path.home() / ".cache" / "ftcore")


def cached(key: str) -> Path | None:
    """Return the folder of a key, or None where it was not built yet."""
    folder = cache_folder() / key
    return folder if folder.is_dir() else None


def opened(key: str, opens: Callable[[Path], Stored]) -> Stored | None:
    """Return what a key's folder holds, or None where it was not built yet, or was damaged and so is removed.

    Args:
        key: of the folder.
        opens: raises OSError, EOFError, ValueError or KeyError where the folder is not whole.
    """
    folder = cached(key)
    if folder is None:
        return None
    try:
        return opens(folder)
    except (OSError, EOFError, ValueError, KeyError):
        discard(key)
        return None


@contextmanager
def building(key: str) -> Iterator[Path]:
    """Give an empty folder to fill; it becomes the key's on success, and is removed on failure.

    Two processes may build the same key: the first that is done gives it.

    Raises:
        DataError: the cache cannot be written.
    """
    root = cache_folder()
    try:
        root.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{key[:40]}-", suffix=".partial", dir=root))
    except OSError as error:
        raise DataError(
            f"the cache folder {root} cannot be written ({error.strerror}): set FTCORE_CACHE to one that can"
        ) from error
    try:
        yield partial
        _install(partial, root / key)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def discard(key: str) -> None:
    """Remove a key's folder."""
    shutil.rmtree(cache_folder() / key, ignore_errors=True)


def _install(partial: Path, folder: Path) -> None:
    try:
        partial.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
