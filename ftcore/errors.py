"""Errors that a user can mend: the command line prints each as one line and exits with code 2."""


class FtcoreError(Exception):
    """Base of every error that names what is wrong, where, and what to do about it.

    Attributes:
        exit_code: what the command line exits with; a failed child process hands its own on.
    """

    exit_code: int = 2


class SpecError(FtcoreError):
    """The task spec is wrong: the message names file:line, the field and what is allowed."""


class DataError(FtcoreError):
    """A data file or row is wrong: the message names file, row and reason."""


class ModelError(FtcoreError):
    """A model folder, config or checkpoint cannot be used as asked."""


class BackendError(FtcoreError):
    """A backend is missing, or cannot do what was asked of it."""


class RunError(FtcoreError):
    """A run folder is in the way, incomplete, or a run could not go on."""
