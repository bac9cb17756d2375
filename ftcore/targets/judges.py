"""Defines the protocol of judges, which compare generated texts with references."""

from collections.abc import Mapping, Sequence
from typing import Protocol

References = Sequence[Sequence[str]]
"""For each example, its reference texts."""


class Judge(Protocol):
    """Computes metrics of generated texts."""

    def reading(self, references: References) -> str:
        """Return how texts with these references are split into words; "" if they are not split."""
        ...

    def notes(self, references: References) -> list[str]:
        """Return messages for the user about references that a metric does not see, whatever the texts are."""
        ...

    def described(self, references: References) -> Mapping[str, str]:
        """Return the library that computes each metric, with its version and settings.

        Raises:
            FtcoreError: a required library is not installed.
        """
        ...

    def judge(self, texts: Sequence[str], references: References) -> dict[str, float]:
        """Return the metrics of generated texts, one text per example.

        Metrics that the references leave undefined are absent; `notes` names them.

        Raises:
            FtcoreError: a required library is not installed.
        """
        ...
