"""Decides whether two runs are the same run, and states the verdict in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ftcore.comparison.checks import Check, check_work
from ftcore.comparison.curves import Agreement, agreement
from ftcore.comparison.proof import Proof
from ftcore.comparison.records import Record
from ftcore.conformance import BOUNDS
from ftcore.errors import RunError
from ftcore.lockstep import EvaluationDifference, Lockstep, StepDifference, Twin

# A bfloat16 is rounded by up to 2^-9, a float16 by 2^-12.
CURVE_BOUNDS = {**{precision: bounds.loss for precision, bounds in BOUNDS.items()}, "bfloat16": 1e-2, "float16": 2e-3}
"""Relative differences of free-running losses from which on two curves are said to have left each other."""


@dataclass(frozen=True)
class Verdict:
    """Whether two runs are the same run.

    Attributes:
        agree: the decision; None if nothing was proven.
        sentence: the decision in words.
        agreement: how far the loss curves agree.
    """

    agree: bool | None
    sentence: str
    agreement: Agreement


def judge(first: Record, second: Record, precision: str, proof: Proof) -> Verdict:
    """Compare a run with the first one.

    Args:
        first: the reference run.
        second: another run of the same spec.
        precision: the precision in the spec, which selects the bound of the curves.
        proof: the steps that both backends took from the same states.

    Raises:
        RunError: the runs have no step in common.
    """
    names = f"{first.backend} and {second.backend}"
    if not len(first.training.steps) or not len(second.training.steps):
        raise RunError(f"{names}: a run took no training step, so there is nothing to compare")
    curves = agreement(first.training, second.training, CURVE_BOUNDS[precision])
    of_curves = _curves(first, second, curves, proof.twin)
    different = [check for check in check_work((first, second)) if not check.same]
    if different:
        return Verdict(False, f"{names} did not get the same work: {_listed(different)}", curves)
    if proof.lockstep is None:
        return Verdict(None, f"{names}: not proven, because {proof.unproven}; {of_curves}", curves)
    if proof.lockstep.passes:
        return Verdict(True, f"{names} computed the same run: {_same(proof.lockstep)}; {of_curves}", curves)
    return Verdict(
        False, f"{names} {_differ(proof.lockstep, (first.backend, second.backend), proof.model)}; {of_curves}", curves
    )


def _listed(different: Sequence[Check]) -> str:
    return "; ".join(
        f"{check.subject} ({', '.join(f'{name}: {value}' for name, value in check.values.items())})"
        for check in different
    )


def _same(lockstep: Lockstep) -> str:
    """Return the proof in words, such as "from the same state both take the same step, at 7 steps in float32 (...)"."""
    parts = []
    for precision in dict.fromkeys(step.precision for step in lockstep.steps):
        steps = [step for step in lockstep.steps if step.precision == precision]
        parts.append(f"at {_steps(len(steps))} in {precision} (gradients within {_largest(steps, 'gradients'):.1e})")
    evaluation = lockstep.evaluation
    told = "" if evaluation is None else f"; they evaluate its result alike ({_evaluated(evaluation)})"
    return f"from the same state both take the same step, {' and '.join(parts)}{told}"


def _largest(steps: Sequence[StepDifference], name: str) -> float:
    return max((one.error for step in steps for one in step.quantities if one.name == name), default=0.0)


def _evaluated(evaluation: EvaluationDifference) -> str:
    rows, differing = evaluation.rows, evaluation.differing
    if not rows:
        return f"{evaluation.split}: the same metrics"
    if not differing:
        return f"{evaluation.split}: {rows} equal predictions"
    return f"{evaluation.split}: {differing} of {rows} predictions differ, where two answers are equally good"


def _differ(lockstep: Lockstep, backends: Sequence[str], model: Path | None) -> str:
    failed = lockstep.first_failure
    if failed is not None:
        return f"differ at step {failed.step}: {_failed(lockstep, failed)}{_diff(model, backends)}"
    evaluation = lockstep.evaluation
    wrong = [] if evaluation is None else [one.words for one in evaluation.quantities if not one.passes]
    split = "" if evaluation is None else evaluation.split
    return f"take the same steps, but evaluate the same parameters differently on {split}: {', '.join(wrong)}"


def _failed(lockstep: Lockstep, failed: StepDifference) -> str:
    first = failed.first_failure
    words = "" if first is None else first.words
    before = len({step.step for step in lockstep.steps if step.passes and step.step < failed.step})
    earlier = f"; {_steps(before)} before it {'is' if before == 1 else 'are'} the same" if before else ""
    return f"from the same state, in {failed.precision}, {words}{earlier}"


def _diff(model: Path | None, backends: Sequence[str]) -> str:
    if model is None:
        return ""
    return f"; to find the layer: ftcore diff {model} --backends {','.join(backends)}"


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def _curves(first: Record, second: Record, curves: Agreement, twin: Twin | None) -> str:
    taken = [len(record.training.steps) for record in (first, second)]
    ended = f", and {first.backend} took {taken[0]} steps, {second.backend} {taken[1]}" if taken[0] != taken[1] else ""
    if curves.largest == 0:
        return f"over {_steps(curves.steps)} the free-running losses are equal to the last bit{ended}"
    if curves.beyond is None:
        return f"over {_steps(curves.steps)} the free-running losses differ by at most {curves.largest:.1e}{ended}"
    return (
        f"from step {curves.beyond} on the free-running losses differ by more than {curves.bound:g} (at most "
        f"{curves.largest:.1e}, at step {curves.largest_at}){_twin(first, curves, twin)}{ended}"
    )


def _twin(first: Record, curves: Agreement, twin: Twin | None) -> str:
    """Return in words what rounding alone does to the reference."""
    if twin is None:
        return ""
    parted = twin.parted_at(curves.bound)
    if parted is None:
        return f", while {first.backend} and its own twin, whose start differs in the last bits, do not in " + (
            f"{_steps(len(twin.losses))}"
        )
    return f", as {first.backend} and its own twin, whose start differs in the last bits, do from step {parted} on"
