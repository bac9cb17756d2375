"""Checks that disk and memory have room for lockstep."""

import shutil
from pathlib import Path

from ftcore.errors import RunError
from ftcore.lockstep.state import State
from ftcore.machine import available_memory

GIB = 2**30
WIDER = 2
"""A float64 has twice the bytes of a float32."""
COPIES = 4
"""Copies of a state in float64 that are in memory at once: before, after, loaded, and the learner's with gradients."""


def check_disk(folder: Path, state: State, steps: int, further: int) -> None:
    """Check that the disk has room for the recorded states.

    Args:
        folder: existing or not, the folder of the states.
        state: a state of the run.
        steps: how many steps are recorded, each with the state before and after it.
        further: how many are recorded in float64 too.

    Raises:
        RunError: it has not.
    """
    needed = state.bytes * 2 * (steps + 2 * further)
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if needed > free:
        raise RunError(
            f"{folder}: the states of {steps} sampled steps take {needed / GIB:.1f} GiB, and {free / GIB:.1f} GiB are "
            "free: sample fewer steps with compare.lockstep, or choose another --output"
        )


def lacking_memory(state: State) -> str | None:
    """Return in words why steps in float64 do not fit into memory; None if they fit."""
    needed, free = COPIES * WIDER * state.bytes, available_memory()
    if needed <= free:
        return None
    return f"it needs about {needed / GIB:.1f} GiB of memory, and {free / GIB:.1f} GiB are free"
