"""Merges the backend options of a spec with the backend's defaults."""

from collections.abc import Mapping
from typing import Any

from ftcore.errors import BackendError
from ftcore.helpers import did_you_mean


def checked_options(backend: str, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return every option of a backend with its value.

    Args:
        backend: the registered name.
        given: options of the spec.
        defaults: see `BackendInfo.options`.

    Raises:
        BackendError: the backend has no such option; the message lists its options.
    """
    for name in given:
        if name not in defaults:
            near = did_you_mean(name, defaults)
            raise BackendError(f"backend {backend!r} has no option {name!r}{near}; allowed: {', '.join(defaults)}")
    return {**defaults, **given}
