"""Reads the skipped bad rows back from the cache and collects them for the run folder."""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from ftcore.data.checks import Rejection
from ftcore.data.loaded import Stored
from ftcore.files import cache, replacing

LISTED = 20
"""Maximum number of rejections in a report; the file lists all of them."""


def first_rejections(name: str, stored: Stored) -> list[Rejection]:
    """Return a file's first bad rows."""
    return list(itertools.islice(_rejections(name, stored), LISTED)) if stored.rejected else []


def write_rejections(files: Mapping[str, Stored]) -> Path | None:
    """Write the bad rows of all files, one per line, as objects with "file", "row", "line" and "reason".

    Args:
        files: the stored files, by their names in the spec.

    Returns:
        The written file, in the cache folder; None if there is no bad row.
    """
    with_rejections = {name: stored for name, stored in files.items() if stored.rejected}
    if not with_rejections:
        return None
    # the folder's name is a key of everything on which its rejections depend
    known_by = json.dumps({name: stored.rejections.parent.name for name, stored in with_rejections.items()})
    path = cache.cache_folder() / f"rejected-{hashlib.sha256(known_by.encode()).hexdigest()}.jsonl"
    with replacing(path) as partial, partial.open("w", encoding="utf-8") as stream:
        for name, stored in with_rejections.items():
            for rejection in _rejections(name, stored):
                stream.write(json.dumps(rejection.listed(), ensure_ascii=False) + "\n")
    return path


def rejected_rows(stored: Stored) -> frozenset[int]:
    """Return the numbers of a file's bad rows."""
    return frozenset(rejection.row for rejection in _rejections("", stored)) if stored.rejected else frozenset()


def _rejections(name: str, stored: Stored) -> Iterator[Rejection]:
    with stored.rejections.open(encoding="utf-8") as stream:
        for line in stream:
            yield Rejection(file=name, **json.loads(line))
