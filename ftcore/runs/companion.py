"""Defines what may take part in a run from outside: `ftcore compare` keeps and repeats steps of it."""

from collections.abc import Callable
from typing import Any, Protocol

from ftcore.loop import Job, Run
from ftcore.observer import Observer

AtPrecision = Callable[[str], Job | None]
"""Builds the same job, with its initial parameters, in another precision; None if the backend does not have it."""


class Companion(Protocol):
    """Takes part in a run."""

    def joined(self, job: Job, spec: Any) -> Job:
        """Return the job with what must happen during the run; `spec` is the run's."""
        ...

    def finish(self, job: Job, at_precision: AtPrecision, run: Run, observer: Observer) -> None:
        """Do the rest after the run, or after an earlier process finished it.

        Args:
            job: the job of the run, which may be used further.
            at_precision: builds the job in another precision.
            run: the finished run.
            observer: receives progress events.
        """
        ...


class Alone:
    """Takes no part."""

    def joined(self, job: Job, spec: Any) -> Job:
        """Return the job."""
        return job

    def finish(self, job: Job, at_precision: AtPrecision, run: Run, observer: Observer) -> None:
        """Do nothing."""
