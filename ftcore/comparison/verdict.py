"""Decides whether two runs are the same run, and states the verdict in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ftcore.comparison.checks import Check, check_work
from ftcore.comparison.curves import Agreement, agreement, relative_difference
from ftcore.comparison.records import Record
from ftcore.conformance import BOUNDS
from ftcore.errors import RunError

# A bfloat16 is rounded by up to 2^-9, a float16 by 2^-12. No contract with a reference, but two backends stay close.
LOSS_BOUNDS = {**{precision: bounds.loss for precision, bounds in BOUNDS.items()}, "bfloat16": 1e-2, "float16": 2e-3}


@dataclass(frozen=True)
class Verdict:
    """Whether two runs are the same run.

    Attributes:
        agree: the decision.
        sentence: the decision in words.
        agreement: how far the loss curves agree.
    """

    agree: bool
    sentence: str
    agreement: Agreement


def judge(first: Record, second: Record, precision: str) -> Verdict:
    """Compare a run with the first one.

    Args:
        first: the reference run.
        second: another run of the same spec.
        precision: the precision in the spec, which selects the bound.

    Raises:
        RunError: the runs have no step in common.
    """
    names = f"{first.backend} and {second.backend}"
    if not len(first.training.steps) or not len(second.training.steps):
        raise RunError(f"{names}: a run took no training step, so there is nothing to compare")
    curves = agreement(first.training, second.training, LOSS_BOUNDS[precision])
    different = [check for check in check_work((first, second)) if not check.same]
    if different:
        return Verdict(False, f"{names} did not get the same work: {_listed(different)}", curves)
    if curves.parted_at is None:
        return Verdict(True, f"{names} computed the same run: {_same(curves)}", curves)
    return Verdict(False, f"{names} differ at step {curves.parted_at}: {_parted(first, second, curves)}", curves)


def _listed(different: Sequence[Check]) -> str:
    return "; ".join(
        f"{check.subject} ({', '.join(f'{name}: {value}' for name, value in check.values.items())})"
        for check in different
    )


def _same(curves: Agreement) -> str:
    if not curves.later_steps:
        return f"over {_steps(curves.steps)} the losses {_apart(curves)}"
    decided = f"over the first {curves.steps} of {curves.steps + curves.later_steps} steps the losses {_apart(curves)}"
    later = f"later, as rounding grows, by up to {curves.later_largest:.1e} (step {curves.later_largest_at})"
    return f"{decided}; {later if curves.later_largest else 'later steps are equal too'}"


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def _apart(curves: Agreement) -> str:
    if curves.largest == 0:
        return f"are equal to the last bit (bound {curves.bound:g})"
    return f"differ by at most {curves.largest:.1e} (bound {curves.bound:g})"


def _parted(first: Record, second: Record, curves: Agreement) -> str:
    loss, other = (_loss_at(record, curves.parted_at) for record in (first, second))
    before = f"; before it they agree within {curves.within:.1e}" if curves.through else ""
    if loss is None or other is None:
        took = [f"{record.backend} took {_steps(len(record.training.steps))}" for record in (first, second)]
        return f"{' and '.join(took)}{before}"
    apart = float(relative_difference(np.asarray(loss), np.asarray(other)))
    return f"the losses are {loss:.8g} and {other:.8g}, which differ by {apart:.1e} (bound {curves.bound:g}){before}"


def _loss_at(record: Record, step: int | None) -> float | None:
    found = record.training.losses[record.training.steps == step]
    return float(found[0]) if len(found) else None
