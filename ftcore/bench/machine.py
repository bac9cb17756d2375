"""The machine that gave the figures."""

import os
import platform
from datetime import UTC, datetime
from typing import Any

from ftcore.loop.environment import processor


def describe(threads: int) -> dict[str, Any]:
    """Return processor, cores, memory, system, Python and date."""
    import psutil

    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "threads": threads,
        "memory_bytes": psutil.virtual_memory().total,
        "platform": platform.platform(),
        "python": platform.python_version(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
