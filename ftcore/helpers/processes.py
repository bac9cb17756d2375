"""Child processes: two frameworks in one process disturb each other, so each has an interpreter of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftcore.errors import FtcoreError, RunError

SIGNALLED = 128
"""What a shell adds to a signal's number to make an exit code of it."""
MENDABLE = FtcoreError.exit_code
"""The exit code of a child that has said in its last line what the user can mend."""


class ChildError(RunError):
    """A child process failed.

    Attributes:
        exit_code: the child's, for the command line to exit with.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Ended:
    """A child process that has ended.

    Attributes:
        returncode: its exit code; a signal's number, negative, where a signal ended it.
        output: what it wrote to standard output; "" where that was passed through.
        errors: what it wrote to standard error; "" where that was passed through.
    """

    returncode: int
    output: str = ""
    errors: str = ""

    @property
    def exit_code(self) -> int:
        """The exit code that a shell gives."""
        return self.returncode if self.returncode >= 0 else SIGNALLED - self.returncode

    @property
    def how(self) -> str:
        """How it ended, in words."""
        code = self.returncode
        return f"exit code {code}" if code >= 0 else f"ended by signal {-code}"

    @property
    def reason(self) -> str:
        """The last line of its errors without "error: ", or how it ended where it wrote none."""
        lines = self.errors.strip().splitlines()
        return lines[-1].removeprefix("error: ") if lines else self.how


def module_command(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a module in this interpreter.

    The working folder stays off the module search path (-P): a file there could take the place of a package.
    """
    return [sys.executable, "-P", "-m", name, *arguments]


def code_command(code: str, *arguments: str) -> list[str]:
    """Return the command that runs a text of Python in this interpreter, as `module_command` does."""
    return [sys.executable, "-P", "-c", code, *arguments]


def passed_through(command: Sequence[str]) -> Ended:
    """Run a command whose output goes where this process's own goes."""
    sys.stdout.flush()
    return Ended(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own commands


def captured(command: Sequence[str], given: str | None = None) -> Ended:
    """Run a command and keep its output; `given` is its standard input, None for this process's own."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)  # noqa: S603
    return Ended(done.returncode, done.stdout, done.stderr)


def captured_together(commands: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> dict[str, Ended]:
    """Run commands at the same time and keep the output of each; the environment is added to this process's own."""
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
    """Run a command in a folder; `output` holds what it writes to standard output and to standard error.

    Args:
        command: a program and its arguments.
        folder: where it runs.
        environment: added to this process's own.
        seconds: after which it is ended.

    Raises:
        TimeoutError: the time is over.
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
    """Do a child's work; return 0, or 2 with the error's line on standard error."""
    try:
        work()
    except FtcoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return MENDABLE
    return 0
