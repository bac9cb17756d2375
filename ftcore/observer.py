"""Defines the observer of a run, with which the command line or a library user follows its progress."""

from collections.abc import Callable, Mapping
from typing import Protocol

RowsDone = Callable[[int], None]
"""Called with the number of further rows that were evaluated or predicted."""
Notify = Callable[[str], None]
"""Called with messages for the user."""


def nobody(rows: int) -> None:
    """Ignore a number of rows."""


def unheard(text: str) -> None:
    """Ignore a message for the user."""


class Observer(Protocol):
    """Receives the events of a run; return values are ignored."""

    def stage(self, text: str) -> None:
        """A new stage begins, such as reading data."""

    def started(self, total_steps: int, first_step: int) -> None:
        """Training begins at `first_step` (1, or later when it resumes)."""

    def step(self, index: int, loss: float | None, learning_rate: float, examples_per_second: float) -> None:
        """A step was sent to the device; `loss` is the latest that was read back, None before the first."""

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        """A split was evaluated."""

    def note(self, text: str) -> None:
        """The run has a message for the user."""

    def finished(self) -> None:
        """Training ended."""


class Silent:
    """An observer that does nothing."""

    def stage(self, text: str) -> None:
        """Do nothing."""

    def started(self, total_steps: int, first_step: int) -> None:
        """Do nothing."""

    def step(self, index: int, loss: float | None, learning_rate: float, examples_per_second: float) -> None:
        """Do nothing."""

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""

    def finished(self) -> None:
        """Do nothing."""
