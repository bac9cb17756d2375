"""Defines the errors that a user can fix; the command line prints their message and exits with code 2."""


class FtcoreError(Exception):
    """The base of ftcore's errors; the message tells what is wrong, where, and what to do about it.

    Attributes:
        exit_code: the exit code of the command line; a failed child process passes on its own.
    """

    exit_code: int = 2


class SpecError(FtcoreError):
    """The task spec is wrong; the message names file:line, the field and what is allowed."""


class DataError(FtcoreError):
    """A data file or row is wrong; the message names file, row and reason."""


class ModelError(FtcoreError):
    """A model folder, config or checkpoint cannot be used as requested."""


class BackendError(FtcoreError):
    """A backend is missing, or does not support the request."""


class RunError(FtcoreError):
    """A run folder already exists or is incomplete, or a run could not continue."""


class NotFiniteError(RunError):
    """What a network computes for an example is NaN or infinite.

    Attributes:
        example: the index of the first such example in its dataset; None if it is unknown.
    """

    def __init__(self, text: str, example: int | None = None) -> None:
        super().__init__(text)
        self.example = example

    def at(self, place: str) -> "NotFiniteError":
        """Return the error with its place before the message."""
        return NotFiniteError(f"{place}: {self}", self.example)
