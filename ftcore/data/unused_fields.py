"""Finds fields that tell how files are read, and that no file of a spec uses."""

from collections.abc import Iterable
from pathlib import Path

from ftcore.data.readers import inner_suffix
from ftcore.data.settings import DataSpec
from ftcore.data.table_format import USERS, TableFormat
from ftcore.parts import Problems, is_default

KNOWN = {ending for endings in USERS.values() for ending in endings} | {".parquet", ".arrow", ".npz"}


def unused_fields(data: DataSpec) -> Problems:
    """Return the fields without effect, by the endings of the files; another ending may be that of any kind."""
    if not isinstance(data, TableFormat):
        return []
    endings = {inner_suffix(Path(location)) for location in _locations(data)}
    if not endings <= KNOWN:
        return []
    return [
        ((name,), f"is for {', '.join(users)}, but the files are {', '.join(sorted(endings))}: leave it out")
        for name, users in USERS.items()
        if not is_default(data, name) and not endings & set(users)
    ]


def _locations(data: DataSpec) -> Iterable[str]:
    for given in (data.train, data.validation, data.test):
        yield from [given] if isinstance(given, str) else given if isinstance(given, list) else []
