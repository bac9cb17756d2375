"""Computes figures from raw numbers: medians over the steps of a round, then median and spread over rounds.

Each ratio and each share of the limit is computed within a round, before the median over rounds, so that a temporary
slowdown of the machine affects both sides.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ftcore.bench.recording import Measurement
from ftcore.bench.results import Results, Round
from ftcore.bench.suite import Curve, Ratio
from ftcore.comparison import relative_difference


@dataclass(frozen=True)
class Spread:
    """A figure over rounds."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Figures:
    """A contestant's figures.

    Attributes:
        examples_per_second, tokens_per_second: speed of the median step; tokens are real tokens.
        total_examples_per_second: speed of all measured steps together.
        padding: computed slots per real token; None without tokens.
        flops_per_second: operations on real tokens; None if they were not counted.
        limit_share: `flops_per_second` over the matrix-multiply rate of the round.
        seconds_to_first_step: time since the start of the process.
        peak_memory_bytes, peak_anonymous_memory_bytes: peak memory of the process.
    """

    contestant: str
    examples_per_second: Spread
    total_examples_per_second: Spread
    tokens_per_second: Spread
    padding: float | None
    flops_per_second: Spread | None
    limit_share: Spread | None
    seconds_to_first_step: Spread
    peak_memory_bytes: Spread
    peak_anonymous_memory_bytes: Spread


@dataclass(frozen=True)
class Verdict:
    """A figure with its goal.

    Attributes:
        what: name of the figure.
        found: its spread over rounds.
        goal: the goal, or None.
        met: whether the median meets it; None without a goal.
    """

    what: str
    found: Spread
    goal: float | None
    met: bool | None


def spread(values: Sequence[float]) -> Spread:
    """Return median, smallest and largest."""
    return Spread(statistics.median(values), min(values), max(values))


def rate(measurement: Measurement, counts: Sequence[float], warmup: int) -> float:
    """Return the median of counts per second over the steps after warm-up."""
    pairs = list(zip(counts, measurement.step_seconds, strict=True))[warmup:]
    return statistics.median(count / seconds for count, seconds in pairs)


def total_rate(measurement: Measurement, counts: Sequence[float], warmup: int) -> float:
    """Return counts per second over all steps after warm-up, which includes rare slow steps, unlike a median."""
    return sum(counts[warmup:]) / sum(measurement.step_seconds[warmup:])


SPEEDS = {"median": rate, "total": total_rate}


def figures(results: Results) -> list[Figures]:
    """Return every contestant's figures, in the suite's order."""
    return [_figures(results, contestant.name) for contestant in results.suite.contestants]


def verdicts(results: Results) -> list[Verdict]:
    """Return the comparisons of the suite: ratios, shares of the limit with a goal, and loss curves."""
    suite = results.suite
    goals = [(item.name, item.limit_goal) for item in suite.contestants if item.limit_goal is not None]
    shares = {found.contestant: found.limit_share for found in figures(results)}
    return [
        *(_ratio(results, pair) for pair in suite.ratios),
        *(
            _at_least(f"share of the matrix-multiply limit, {name}", share, goal)
            for name, goal in goals
            if (share := shares[name]) is not None
        ),
        *(_curve(results, pair) for pair in suite.curves),
    ]


def _figures(results: Results, name: str) -> Figures:
    warmup = results.suite.warmup

    def over_rounds(value: Callable[[Measurement], float]) -> Spread:
        return spread([value(done.measurements[name]) for done in results.rounds])

    def flops(done: Round) -> float:
        found = done.measurements[name]
        return rate(found, found.flops_per_step, warmup)

    counted = all(done.measurements[name].flops_per_step for done in results.rounds)
    return Figures(
        contestant=name,
        examples_per_second=over_rounds(lambda found: rate(found, found.examples, warmup)),
        total_examples_per_second=over_rounds(lambda found: total_rate(found, found.examples, warmup)),
        tokens_per_second=over_rounds(lambda found: rate(found, found.real_tokens, warmup)),
        padding=_padding(results, name),
        flops_per_second=spread([flops(done) for done in results.rounds]) if counted else None,
        limit_share=spread([flops(done) / done.limit for done in results.rounds]) if counted else None,
        seconds_to_first_step=over_rounds(lambda found: found.seconds_to_first_step),
        peak_memory_bytes=over_rounds(lambda found: found.peak_memory_bytes),
        peak_anonymous_memory_bytes=over_rounds(lambda found: found.peak_anonymous_memory_bytes),
    )


def _padding(results: Results, name: str) -> float | None:
    found = [done.measurements[name] for done in results.rounds]
    real = sum(sum(item.real_tokens[results.suite.warmup :]) for item in found)
    computed = sum(sum(item.computed_tokens[results.suite.warmup :]) for item in found)
    return computed / real if real else None


def _ratio(results: Results, pair: Ratio) -> Verdict:
    warmup, speed, found = results.suite.warmup, SPEEDS[pair.speed], []
    for done in results.rounds:
        one, other = done.measurements[pair.contestant], done.measurements[pair.baseline]
        found.append(speed(one, one.examples, warmup) / speed(other, other.examples, warmup))
    what = f"{pair.contestant} / {pair.baseline}, examples per second"
    return _at_least(f"{what}{', all steps' if pair.speed == 'total' else ''}", spread(found), pair.goal)


def _at_least(what: str, found: Spread, goal: float | None) -> Verdict:
    return Verdict(what, found, goal, None if goal is None else found.median >= goal)


def _curve(results: Results, pair: Curve) -> Verdict:
    """Compare the loss of every step with the baseline's, including warm-up, since both start with equal parameters."""
    found = []
    for done in results.rounds:
        one, other = done.measurements[pair.contestant].losses, done.measurements[pair.baseline].losses
        found.append(float(relative_difference(_floats(other), _floats(one)).max()))
    largest, what = spread(found), f"{pair.contestant} against {pair.baseline}, losses of {len(one)} steps, apart"
    return Verdict(what, largest, pair.goal, None if pair.goal is None else largest.high <= pair.goal)


def _floats(losses: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if loss is None else loss for loss in losses])
