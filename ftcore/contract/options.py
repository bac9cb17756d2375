"""The options of a backend: those that a spec gives over the defaults."""

from collections.abc import Mapping
from typing import Any

from ftcore.errors import BackendError
from ftcore.helpers import did_you_mean


def checked_options(backend: str, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return every option of a backend with its value.

    Args:
        backend: the registered name.
        given: the options of the spec.
        defaults: as `BackendInfo.options`.

    Raises:
        BackendError: the backend has no such option; says which it has.
    """
    for name in given:
        if name not in defaults:
            near = did_you_mean(name, defaults)
            raise BackendError(f"backend {backend!r} has no option {name!r}{near}; allowed: {', '.join(defaults)}")
    return {**defaults, **given}
