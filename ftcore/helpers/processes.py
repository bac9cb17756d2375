"""Runs child processes, so that each framework has its own interpreter: two in one process interfere."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftcore.errors import FtcoreError, RunError

SIGNALLED = 128
"""A shell adds this to a signal's number for the exit code."""
MENDABLE = FtcoreError.exit_code
"""The exit code of a child whose last line is an error that the user can fix."""


class ChildError(RunError):
    """A child process failed.

    Attributes:
        exit_code: the child's exit code, with which the command line exits.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Ended:
    """A child process that has ended.

    Attributes:
        returncode: its exit code, or the negative number of the signal that ended it.
        output: its standard output; "" if that was passed through.
        errors: its standard error; "" if that was passed through.
    """

    returncode: int
    output: str = ""
    errors: str = ""

    @property
    def exit_code(self) -> int:
        """Its exit code as in a shell."""
        return self.returncode if self.returncode >= 0 else SIGNALLED - self.returncode

    @property
    def how(self) -> str:
        """How it ended, in words."""
        code = self.returncode
        return f"exit code {code}" if code >= 0 else f"ended by signal {-code}"

    @property
    def reason(self) -> str:
        """The last line of its errors without "error: ", or how it ended if it wrote none."""
        lines = self.errors.strip().splitlines()
        return lines[-1].removeprefix("error: ") if lines else self.how


def module_command(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a module in this interpreter.

    The working folder is not on the module search path (-P), because a file there could hide a package.
    """
    return [sys.executable, "-P", "-m", name, *arguments]


def code_command(code: str, *arguments: str) -> list[str]:
    """Return the command that runs Python code in this interpreter, as `module_command` does."""
    return [sys.executable, "-P", "-c", code, *arguments]


def passed_through(command: Sequence[str]) -> Ended:
    """Run a command, and pass its output through."""
    sys.stdout.flush()
    return Ended(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own commands


def captured(command: Sequence[str], given: str | None = None) -> Ended:
    """Run a command and return its output; `given` is its standard input, None for that of this process."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)  # noqa: S603
    return Ended(done.returncode, done.stdout, done.stderr)


def captured_together(commands: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> dict[str, Ended]:
    """Run commands in parallel and return the output of each; `environment` is added to that of this process."""
    own = {**os.environ, **environment}
    children = {
        name: subprocess.Popen(  # noqa: S603 - our own commands
            command, text=True, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for name, command in commands.items()
    }
    outputs = {name: child.communicate() for name, child in children.items()}
    return {name: Ended(children[name].returncode, *output) for name, output in outputs.items()}


def merged(command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float) -> Ended:
    """Run a command in a folder; `output` has its standard output and standard error.

    Args:
        command: a program and its arguments.
        folder: its working folder.
        environment: added to that of this process.
        seconds: its time limit.

    Raises:
        TimeoutError: it exceeded the time limit.
        OSError: the program does not start.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the caller answers for the command
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"not done after {seconds:g} s") from None
    return Ended(done.returncode, done.stdout)


def child_exit_code(work: Callable[[], object]) -> int:
    """Do the work of a child process; return 0, or 2 after printing the error's line to standard error."""
    try:
        work()
    except FtcoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return MENDABLE
    return 0
