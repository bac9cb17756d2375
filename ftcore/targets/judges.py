"""Defines the protocol of judges, which compare generated texts with references."""

from collections.abc import Mapping, Sequence
from typing import Protocol

References = Sequence[Sequence[str]]
"""For each example, its reference texts."""


class Judge(Protocol):
    """Computes metrics of generated texts."""

    def described(self, references: References) -> Mapping[str, str]:
        """Return the library that computes each metric, with its version and settings.

        Raises:
            FtcoreError: a required library is not installed.
        """
        ...

    def judge(self, texts: Sequence[str], references: References) -> dict[str, float]:
        """Return the metrics of generated texts, one text per example.

        Raises:
            FtcoreError: a required library is not installed.
        """
        ...
