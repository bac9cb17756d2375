"""The body of a network whose input is ready features."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Features:
    """The body of a network whose input is ready features: it passes `features` [examples, size] on."""

    size: int
    initializer_range: float = 0.02
