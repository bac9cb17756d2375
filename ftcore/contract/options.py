"""Merges the backend options of a spec with the backend's defaults."""

from collections.abc import Mapping
from typing import Any

from ftcore.errors import BackendError
from ftcore.helpers import did_you_mean

MOST_THREADS = 4096
"""More threads than any machine has cores; frameworks abort the process where the system does not start them."""


def checked_options(backend: str, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return every option of a backend with its value.

    Args:
        backend: the registered name.
        given: options of the spec.
        defaults: see `BackendInfo.options`.

    Raises:
        BackendError: the backend has no such option, and the message lists its options; or `threads` is no number of
            threads.
    """
    for name in given:
        if name not in defaults:
            near = did_you_mean(name, defaults)
            raise BackendError(f"backend {backend!r} has no option {name!r}{near}; allowed: {', '.join(defaults)}")
    _check_threads(given.get("threads"))
    return {**defaults, **given}


def _check_threads(given: object) -> None:
    """Raise BackendError unless a number of threads, which every backend has as an option, is None or sensible."""
    if given is None or (isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= MOST_THREADS):
        return
    raise BackendError(
        f"threads: given {given!r}; allowed: a whole number from 1 to {MOST_THREADS:,}, or None for every core"
    )
