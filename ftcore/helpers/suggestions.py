"""Suggests the nearest valid name for a wrong one."""

import difflib
from collections.abc import Iterable


def did_you_mean(given: str, allowed: Iterable[str]) -> str:
    """Return " (did you mean NAME?)", or "" if no name is near."""
    near = difflib.get_close_matches(given, list(allowed), n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""
