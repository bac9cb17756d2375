"""Finds and loads the registered backends."""

import importlib.metadata
import importlib.util

from ftcore.contract.backend import Backend
from ftcore.errors import BackendError
from ftcore.helpers import did_you_mean

GROUP = "ftcore.backends"


def names() -> list[str]:
    """Return the registered backends' names, without importing any."""
    return sorted({entry.name for entry in importlib.metadata.entry_points(group=GROUP)})


def load(name: str) -> Backend:
    """Import a backend and return it.

    Raises:
        BackendError: no backend has this name, or its framework is not installed.
    """
    check_installed(name)
    kind: type[Backend] = _entry(name).load()
    return kind()


def check_installed(name: str) -> None:
    """Check that a backend can be loaded, without importing its framework.

    Raises:
        BackendError: no backend has this name, or its framework is not installed.
    """
    if missing := _missing(_entry(name).load()):
        raise BackendError(
            f"backend {name!r} needs the package {missing[0]!r}, which is not installed: pip install 'ftcore[{name}]'"
        )


def is_installed(name: str) -> bool:
    """Return whether the packages that a registered backend needs are installed, without importing any."""
    return not _missing(_entry(name).load())


def _entry(name: str) -> importlib.metadata.EntryPoint:
    for entry in importlib.metadata.entry_points(group=GROUP):
        if entry.name == name:
            return entry
    near = did_you_mean(name, names())
    raise BackendError(f"there is no backend {name!r}{near}; registered: {', '.join(names()) or 'none'}")


def _missing(kind: type[Backend]) -> list[str]:
    return [package for package in kind.requires if importlib.util.find_spec(package) is None]


def for_module(module: object) -> str:
    """Return the name of the backend whose framework `module` belongs to, without importing a framework.

    Raises:
        BackendError: no registered backend recognises it.
    """
    for entry in importlib.metadata.entry_points(group=GROUP):
        if entry.load().recognises(module):
            return entry.name
    raise BackendError(
        f"no registered backend recognises a {type(module).__module__}.{type(module).__qualname__}; "
        f"registered are {', '.join(names()) or 'none'}"
    )
