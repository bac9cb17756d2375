"""Describes the body of a network whose input is ready features."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Features:
    """The body of a network whose input is ready features: its output is `features` [examples, size]."""

    size: int
    initializer_range: float = 0.02
