"""Each run of a comparison in a process of its own."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ftcore.helpers import ChildError, module_command, passed_through
from ftcore.loop import is_free


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
    arguments = ["run", str(spec), "--backend", backend, "--output", str(folder), *settings(overrides)]
    if not is_free(folder):
        arguments.append("--resume")
    run_module(what, "ftcore", arguments)


def settings(overrides: Sequence[str]) -> list[str]:
    """Return overrides as the command line takes them."""
    return [word for override in overrides for word in ("--set", override)]


def run_module(what: str, name: str, arguments: Sequence[str]) -> None:
    """Run a module in a child process, with its output passed through to this process's own.

    Args:
        what: names the process, on standard error as it begins and where it fails.
        name: the module's.
        arguments: its arguments.

    Raises:
        ChildError: the process failed.
    """
    print(f"== {what}", file=sys.stderr, flush=True)
    ended = passed_through(module_command(name, *arguments))
    if ended.returncode < 0:
        raise ChildError(f"{what} was {ended.how}: the same command goes on", ended.exit_code)
    if ended.returncode > 0:
        raise ChildError(
            f"{what} failed ({ended.how}): see its message above; the same command goes on", ended.exit_code
        )
