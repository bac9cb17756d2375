"""Tells how much memory this machine, or the group of processes that runs here, has."""

from pathlib import Path

LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux tells the limit of a group of processes, such as a container's."""


def memory_limit() -> int:
    """Return the bytes of memory that this process may use: the machine's, or the limit of its group."""
    import psutil

    return min([int(psutil.virtual_memory().total), *_limits_of_group()])


def available_memory() -> int:
    """Return the bytes of memory that are free for new processes, at most `memory_limit`."""
    import psutil

    return min(int(psutil.virtual_memory().available), memory_limit())


def _limits_of_group() -> list[int]:
    found = []
    for path in LIMITS:
        try:
            text = path.read_text(encoding="utf-8").strip()
        except OSError:
            continue
        found += [int(text)] if text.isdigit() else []
    return found
