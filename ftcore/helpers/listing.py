"""Lists names that users gave in messages of one line."""

from collections.abc import Sequence

MOST, LONGEST = 50, 60
"""The number of names that are listed, and of the characters that each is shown with."""


def listed(names: Sequence[str], most: int = MOST) -> str:
    """Return at most so many names on one line, separated by commas, long ones cut; "none" without any."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(map(_short, names[:most])) or "none") + more


def _short(name: str) -> str:
    line = " ".join(name.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."
