"""Starts each run of a comparison in its own process."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ftcore.helpers import ChildError, captured, module_command, passed_through
from ftcore.loop import is_free


@dataclass(frozen=True)
class RunProcess:
    """A run of a spec in a process of its own, as by `ftcore run`.

    Attributes:
        spec: the spec's file.
        backend: a registered backend's name.
        folder: the run folder.
        overrides: each is "a.b=value".
        more: further arguments of `ftcore run`.
    """

    spec: Path
    backend: str
    folder: Path
    overrides: Sequence[str] = ()
    more: Sequence[str] = ()

    def run(self, what: str) -> None:
        """Run the spec, and pass the output through; an interrupted run is resumed.

        Args:
            what: name of the run on the screen.

        Raises:
            ChildError: the run failed.
        """
        resumed = [] if is_free(self.folder) else ["--resume"]
        run_module(what, "ftcore", [*self._arguments(), *resumed])

    def go_on(self, what: str) -> None:
        """Go on with the finished run, as `more` asks; the output is not shown.

        Args:
            what: name of the process on the screen.

        Raises:
            ChildError: the process failed.
        """
        print(f"== {what}", file=sys.stderr, flush=True)
        ended = captured(module_command("ftcore", *self._arguments(), "--resume"))
        if ended.returncode:
            raise ChildError(f"{what} failed ({ended.reason}): the same command continues it", ended.exit_code)

    def _arguments(self) -> list[str]:
        own = ["run", str(self.spec), "--backend", self.backend, "--output", str(self.folder)]
        return [*own, *settings(self.overrides), *self.more]


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
