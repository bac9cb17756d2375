"""Measures how far two learners differ in a step that both took from one state."""

import math
import os
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ftcore.contract import Program, Step
from ftcore.contract.optimizers import Optimizer
from ftcore.errors import BackendError
from ftcore.lockstep.arrays import different
from ftcore.lockstep.bounds import FLOOR, STEP_BOUNDS, StepBounds
from ftcore.lockstep.quantity import Quantity, equal, ratio, relative, worst
from ftcore.lockstep.state import State
from ftcore.lockstep.sums import Move, ParameterSums, parameter_sums
from ftcore.lockstep.taking import Taken

Sums = Mapping[str, ParameterSums]
LOSS_ROUNDING = 8
"""Roundings of numbers near 1 in a loss: a smaller loss is compared by absolute error."""


def measure(program: Program, step: Step, before: State, reference: Taken, other: Taken) -> tuple[Quantity, ...]:
    """Return how far a step of a learner differs from the reference's step from the same state.

    Gradients are read off the state of the optimizer (`Optimizer.carrier`), so they are those of the very step, with
    its dropout. The update of each learner is compared with the optimizer's definition, given the learner's own
    moments: Adam turns the rounding of a small gradient into a full step, so that two right updates may differ.

    Args:
        program: the program of both learners, with its loss, optimizer and precision.
        step: the step.
        before: the state before it.
        reference: the reference's step.
        other: the step of the other learner, as `take` returned it.
    """
    bounds = STEP_BOUNDS[program.precision]
    exact = [equal("the loaded state", before.differing(other.loaded))] if other.loaded is not None else []
    if not (reference.finite and other.finite):
        return (*exact, *_not_finite(before, reference, other))
    if names := sorted(set(reference.after.tensors) ^ set(other.after.tensors)):
        return (*exact, equal("names of tensors", names))
    sums = _sums(program, step, before, reference.after, other.after)
    rounding = _rounding(before)
    return (
        *exact,
        equal("the optimizer's counters", _differing_counters(reference.after, other.after)),
        Quantity("loss", relative(other.loss, reference.loss, LOSS_ROUNDING * rounding / bounds.loss), bounds.loss),
        Quantity("gradient norm", relative(other.grad_norm, reference.grad_norm), bounds.gradients),
        worst("gradients", _gradients(sums, rounding, bounds), bounds.gradients),
        worst("moments", _moments(sums), bounds.gradients),
        worst("updates", _updates(sums, rounding, bounds), bounds.updates),
        *_untrained(set(sums), before, reference.after, other.after, bounds),
    )


def _not_finite(before: State, reference: Taken, other: Taken) -> list[Quantity]:
    """Compare steps of which at least one was not finite: then both must be, and nothing but counters may change."""
    if reference.finite != other.finite:
        return [equal("whether the step is finite", ["loss or gradient norm"])]
    changed = [name for taken in (reference, other) for name in different(before.tensors, taken.after.tensors)]
    return [
        equal("parameters after a step that is not finite", changed),
        equal("the optimizer's state after it", different(reference.after.optimizer, other.after.optimizer)),
    ]


def _sums(program: Program, step: Step, before: State, *sides: State) -> Sums:
    optimizer = program.optimizer
    if optimizer is None:
        raise BackendError("this program has no optimizer: it takes no steps")
    number = int(before.optimizer["step"]) + 1

    def of(name: str) -> ParameterSums:
        decays = program.decays(name, before.tensors[name].shape)
        return parameter_sums(name, Move(optimizer, step.learning_rate, number, decays), before, sides)

    names = _trained(optimizer, before)
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        return dict(zip(names, workers.map(of, names), strict=True))


def _trained(optimizer: Optimizer, state: State) -> list[str]:
    start = f"{optimizer.carrier.slot}/"
    return [name.removeprefix(start) for name in state.optimizer if name.startswith(start)]


def _gradients(sums: Sums, rounding: float, bounds: StepBounds) -> dict[str, float]:
    floor = FLOOR**2 * sum(one.gradient for one in sums.values())
    lost = (rounding / bounds.gradients) ** 2
    return {
        name: _ratio(one.gradient_apart, max(one.gradient, floor, lost * one.carrier)) for name, one in sums.items()
    }


def _moments(sums: Sums) -> dict[str, float]:
    totals: dict[str, float] = defaultdict(float)
    for one in sums.values():
        for slot, size in one.slots.items():
            totals[slot] += size
    return {
        f"{name} ({slot})": ratio(apart, max(one.slots[slot], FLOOR * totals[slot]))
        for name, one in sums.items()
        for slot, apart in one.slots_apart.items()
    }


def _updates(sums: Sums, rounding: float, bounds: StepBounds) -> dict[str, float]:
    """Return the larger error of both learners' updates; a parameter that the loss does not reach is not touched."""
    lost = (rounding / bounds.updates) ** 2
    return {
        name: max(_ratio(side.wrong, max(side.change, lost * one.parameter)) for side in one.sides)
        for name, one in sums.items()
        if any(side.touched for side in one.sides)
    }


def _untrained(trained: set[str], before: State, one: State, other: State, bounds: StepBounds) -> list[Quantity]:
    """Compare the tensors that no gradient moves: what the reference does not change stays, buffers follow it."""
    names = [name for name in before.tensors if name not in trained]
    still = {name for name in names if np.array_equal(before.tensors[name], one.tensors[name])}
    moved = {name: _error(other.tensors[name], one.tensors[name]) for name in names if name not in still}
    frozen = [name for name in names if name in still and not np.array_equal(before.tensors[name], other.tensors[name])]
    found = [equal("frozen parameters", frozen)] if still else []
    return [*found, worst("buffers", moved, bounds.updates)] if moved else found


def _differing_counters(one: State, other: State) -> list[str]:
    counters = ({key: value for key, value in state.optimizer.items() if "/" not in key} for state in (one, other))
    return different(*counters)


def _error(found: np.ndarray, wanted: np.ndarray) -> float:
    left, right = np.asarray(found, np.float64), np.asarray(wanted, np.float64)
    return _ratio(float(((left - right) ** 2).sum()), float((right**2).sum()))


def _ratio(apart: float, size: float) -> float:
    """Return the root of a ratio of squared norms; infinite if something is not finite."""
    return math.sqrt(ratio(apart, size))


def _rounding(state: State) -> float:
    """Return the distance from 1 to the next number in the type of the parameters."""
    kinds = [value.dtype for value in state.tensors.values() if np.issubdtype(value.dtype, np.floating)]
    return max(float(np.finfo(kind).eps) for kind in kinds)
