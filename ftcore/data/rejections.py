"""The bad rows that a run skipped, read back from the cache and gathered for the run folder."""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from ftcore.data.checks import Rejection
from ftcore.data.loaded import Stored
from ftcore.files import cache, replacing

LISTED = 20
"""Rejections that a report holds; the file has them all."""


def first_rejections(name: str, stored: Stored) -> list[Rejection]:
    """Return a file's first bad rows."""
    return list(itertools.islice(_rejections(name, stored), LISTED)) if stored.rejected else []


def write_rejections(files: Mapping[str, Stored]) -> Path | None:
    """Write the bad rows of all files, each as {"file", "row", "line", "reason"}, one a line.

    Args:
        files: by the name that the spec gives each.

    Returns:
        The written file, in the cache folder; None where there is no bad row.
    """
    with_rejections = {name: stored for name, stored in files.items() if stored.rejected}
    if not with_rejections:
        return None
    # the folder's name is the key of everything that its rejections depend on
    known_by = json.dumps({name: stored.rejections.parent.name for name, stored in with_rejections.items()})
    path = cache.cache_folder() / f"rejected-{hashlib.sha256(known_by.encode()).hexdigest()}.jsonl"
    with replacing(path) as partial, partial.open("w", encoding="utf-8") as stream:
        for name, stored in with_rejections.items():
            for rejection in _rejections(name, stored):
                stream.write(json.dumps(rejection._asdict(), ensure_ascii=False) + "\n")
    return path


def _rejections(name: str, stored: Stored) -> Iterator[Rejection]:
    with stored.rejections.open(encoding="utf-8") as stream:
        for line in stream:
            yield Rejection(file=name, **json.loads(line))
