"""Defines the learning-rate schedules, which give each step a factor of the peak learning rate."""

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar, Protocol

from annotated_types import Ge, Gt


class Schedule(Protocol):
    """Factor of the peak learning rate after warm-up."""

    name: ClassVar[str]

    def factor(self, progress: float) -> float:
        """Return the factor at `progress`, the share of the steps after warm-up that are done, in [0, 1)."""
        ...


@dataclass(frozen=True)
class Constant:
    """Constant learning rate after warm-up."""

    name: ClassVar[str] = "constant"

    def factor(self, progress: float) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True)
class Linear:
    """Linear decrease from the peak to 0."""

    name: ClassVar[str] = "linear"

    def factor(self, progress: float) -> float:
        """Return 1 - progress."""
        return 1.0 - progress


@dataclass(frozen=True)
class Cosine:
    """Half a cosine from the peak to 0 (Loshchilov and Hutter 2017, equation 5, without restarts)."""

    name: ClassVar[str] = "cosine"

    def factor(self, progress: float) -> float:
        """Return (1 + cos(pi progress)) / 2."""
        return 0.5 * (1.0 + math.cos(math.pi * progress))


@dataclass(frozen=True)
class Polynomial:
    """Polynomial decrease from the peak to peak * end_factor, along (1 - progress)^power.

    Attributes:
        power: Exponent: 1 is linear, above 1 falls mostly early, below 1 mostly late.
        end_factor: Factor of the peak learning rate at the end of training.
    """

    name: ClassVar[str] = "polynomial"
    power: Annotated[float, Gt(0)] = 2.0
    end_factor: Annotated[float, Ge(0)] = 0.0

    def factor(self, progress: float) -> float:
        """Return end_factor + (1 - end_factor) (1 - progress)^power."""
        factor: float = self.end_factor + (1.0 - self.end_factor) * (1.0 - progress) ** self.power
        return factor


SCHEDULES: dict[str, type[Schedule]] = {schedule.name: schedule for schedule in (Constant, Linear, Cosine, Polynomial)}


@dataclass(frozen=True)
class LearningRates:
    """The learning rate of each step of a run.

    The first update has number 1 and position 0 of the schedule, as in transformers' get_linear_schedule_with_warmup:
    with w warm-up steps, the first w updates have the factors 0/w ... (w-1)/w, and the next one has progress 0.

    Attributes:
        peak: the optimizer's learning rate.
        schedule: the factor after warm-up.
        warmup_steps: number of warm-up steps.
        total_steps: number of steps of the run.
    """

    peak: float
    schedule: Schedule
    warmup_steps: int
    total_steps: int

    def at(self, step: int) -> float:
        """Return the learning rate of update `step`, 1 for the first."""
        position = step - 1
        if position < self.warmup_steps:
            return self.peak * position / self.warmup_steps
        remaining = max(1, self.total_steps - self.warmup_steps)
        return self.peak * self.schedule.factor(min(1.0, (position - self.warmup_steps) / remaining))
