"""Writes folders that are complete or absent: filled under a temporary name, then renamed."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to fill; on success it replaces `folder`, else it is removed."""
    with removed_afterwards(empty_beside(folder)) as temporary:
        yield temporary
        with removed_afterwards(_beside(folder, "former")) as former:
            if folder.exists():
                os.replace(folder, former)
            os.replace(temporary, folder)


def keep_first(temporary: Path, folder: Path) -> None:
    """Rename a filled folder to `folder`, unless another process did so first."""
    try:
        temporary.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def empty_beside(folder: Path) -> Path:
    """Make an empty folder with another name beside `folder`, and its parents."""
    temporary = _beside(folder, "partial")
    # Not mkdtemp, whose folders others cannot read, whatever the umask.
    temporary.mkdir(parents=True)
    return temporary


@contextmanager
def removed_afterwards(path: Path) -> Iterator[Path]:
    """Yield a path, and remove the folder or file that remains there at the end."""
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        with suppress(OSError):
            path.unlink()


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(f".{folder.name[:40]}-{secrets.token_hex(8)}.{ending}")
