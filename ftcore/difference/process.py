"""Computes the networks of each backend in its own process, because two frameworks in one process interfere."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ftcore.contract import Batch
from ftcore.difference.batch import write_batch
from ftcore.difference.request import BATCH, Request
from ftcore.helpers import MENDABLE, ChildError, captured, module_command

CHILD = "ftcore.difference.child"


def compute_apart(folder: Path, requests: Sequence[Request], batch: Batch) -> tuple[Mapping[str, np.ndarray], ...]:
    """Return the arrays of each request by name; for shapes see `ftcore.difference.child.compute`.

    Args:
        folder: an empty folder; the arrays are read from there on access.
        requests: the requests of one backend share a process.
        batch: the batch of all requests.

    Raises:
        ChildError: a process failed; has its message and exit code.
    """
    write_batch(folder / BATCH, batch)
    for number, request in enumerate(requests):
        request.write(folder / f"{number}.json")
    for backend in dict.fromkeys(request.backend for request in requests):
        numbers = [number for number, request in enumerate(requests) if request.backend == backend]
        _call(f"computing on {backend}", [str(folder), *map(str, numbers)])
    return tuple(np.load(folder / f"{number}.npz", allow_pickle=False) for number in range(len(requests)))


def _call(what: str, arguments: Sequence[str]) -> None:
    """Run a child process; its standard error is passed on only if it fails, because frameworks log a lot."""
    sys.stderr.write(f"== {what}\n")
    child = captured(module_command(CHILD, *arguments))
    if child.returncode == MENDABLE:
        raise ChildError(child.reason, child.exit_code)
    if child.returncode:
        sys.stderr.write(child.errors)
        raise ChildError(f"{what} failed ({child.how}): see its message above", child.exit_code)
