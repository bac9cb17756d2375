"""What judges written texts by the texts that are right."""

from collections.abc import Mapping, Sequence
from typing import Protocol

References = Sequence[Sequence[str]]
"""For each example, every text that is right."""


class Judge(Protocol):
    """Metrics of written texts."""

    def described(self, references: References) -> Mapping[str, str]:
        """Return what computes each metric, with its version and settings.

        Raises:
            FtcoreError: a library that is needed is not installed.
        """
        ...

    def judge(self, texts: Sequence[str], references: References) -> dict[str, float]:
        """Return the metrics of written texts, one an example.

        Raises:
            FtcoreError: a library that is needed is not installed.
        """
        ...
