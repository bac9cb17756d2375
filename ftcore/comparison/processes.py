"""Starts each run of a comparison in its own process."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ftcore.helpers import ChildError, module_command, passed_through
from ftcore.loop import is_free


def run_spec(what: str, spec: Path, backend: str, folder: Path, overrides: Sequence[str] = ()) -> None:
    """Run a spec on a backend as `ftcore run` does; an interrupted run is resumed.

    Args:
        what: name of the run on the screen.
        spec: the spec's file.
        backend: a registered backend's name.
        folder: the run folder.
        overrides: each is "a.b=value".

    Raises:
        ChildError: the run failed.
    """
    arguments = ["run", str(spec), "--backend", backend, "--output", str(folder), *settings(overrides)]
    if not is_free(folder):
        arguments.append("--resume")
    run_module(what, "ftcore", arguments)


def settings(overrides: Sequence[str]) -> list[str]:
    """Return overrides as arguments of the command line."""
    return [word for override in overrides for word in ("--set", override)]


def run_module(what: str, name: str, arguments: Sequence[str]) -> None:
    """Run a module in a child process, and pass its output through.

    Args:
        what: name of the process, printed to standard error when it begins and when it fails.
        name: name of the module.
        arguments: its arguments.

    Raises:
        ChildError: the process failed.
    """
    print(f"== {what}", file=sys.stderr, flush=True)
    ended = passed_through(module_command(name, *arguments))
    if ended.returncode < 0:
        raise ChildError(f"{what} was {ended.how}: the same command continues it", ended.exit_code)
    if ended.returncode > 0:
        raise ChildError(
            f"{what} failed ({ended.how}): see its message above; the same command continues it", ended.exit_code
        )
