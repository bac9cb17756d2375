"""Each run in a process of its own: two frameworks in one process disturb each other."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ftcore.errors import RunError
from ftcore.loop.run_folder import is_free

SIGNALLED = 128
"""What a shell adds to a signal's number to make an exit code of it."""


class ChildError(RunError):
    """A child process failed; it has said why itself.

    Attributes:
        exit_code: the child's, for the command line to exit with.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def run_spec(what: str, spec: Path, backend: str, folder: Path, overrides: Sequence[str] = ()) -> None:
    """Carry out a spec on a backend as `ftcore run` does; a run that was cut off is resumed.

    Args:
        what: names the run on the screen.
        spec: the file.
        backend: a registered backend's name.
        folder: the run folder.
        overrides: "a.b=value" each.

    Raises:
        ChildError: the run failed.
    """
    arguments = ["ftcore", "run", str(spec), "--backend", backend, "--output", str(folder), *settings(overrides)]
    if not is_free(folder):
        arguments.append("--resume")
    call(what, arguments)


def settings(overrides: Sequence[str]) -> list[str]:
    """Return overrides as the command line takes them."""
    return [word for override in overrides for word in ("--set", override)]


def call(what: str, arguments: Sequence[str]) -> None:
    """Run a module in a child process, with its output passed through to this process's own.

    Args:
        what: names the process, on standard error as it begins and where it fails.
        arguments: the module's name, then its arguments.

    Raises:
        ChildError: the process failed.
    """
    sys.stdout.flush()
    print(f"== {what}", file=sys.stderr, flush=True)
    code = subprocess.run([sys.executable, "-m", *arguments], check=False).returncode  # noqa: S603 - our own module
    if code < 0:
        raise ChildError(f"{what} was ended by signal {-code}: the same command goes on", SIGNALLED - code)
    if code > 0:
        raise ChildError(f"{what} failed (exit code {code}): see its message above; the same command goes on", code)
