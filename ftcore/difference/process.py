"""Each backend's networks in a process of its own: two frameworks in one process disturb each other."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ftcore.comparison.processes import SIGNALLED, ChildError
from ftcore.contract import Batch
from ftcore.difference.batch import write_batch
from ftcore.difference.request import BATCH, Request

CHILD = "ftcore.difference.child"


def compute_apart(folder: Path, requests: Sequence[Request], batch: Batch) -> tuple[Mapping[str, np.ndarray], ...]:
    """Return what `ftcore.difference.child` computes for each request.

    Args:
        folder: empty; the arrays are read from there when they are asked for.
        requests: those of one backend share a process.
        batch: for all of them.

    Raises:
        ChildError: a process failed; its own message, and its exit code.
    """
    write_batch(folder / BATCH, batch)
    for number, request in enumerate(requests):
        request.write(folder / f"{number}.json")
    for backend in dict.fromkeys(request.backend for request in requests):
        numbers = [number for number, request in enumerate(requests) if request.backend == backend]
        _call(f"computing on {backend}", [str(folder), *map(str, numbers)])
    return tuple(np.load(folder / f"{number}.npz", allow_pickle=False) for number in range(len(requests)))


def _call(what: str, arguments: Sequence[str]) -> None:
    """Run a child process; frameworks log much, so its standard error is passed on only where it meets a fault."""
    sys.stderr.write(f"== {what}\n")
    command = [sys.executable, "-m", CHILD, *arguments]
    child = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own module)
    code = child.returncode
    if code == ChildError.exit_code:
        raise ChildError(child.stderr.splitlines()[-1].removeprefix("error: "), code)
    if code:
        sys.stderr.write(child.stderr)
        how = f"exit code {code}" if code > 0 else f"ended by signal {-code}"
        raise ChildError(f"{what} failed ({how}): see its message above", code if code > 0 else SIGNALLED - code)
