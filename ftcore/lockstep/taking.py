"""Takes one step from a given state."""

from dataclasses import dataclass

from ftcore.contract import Learner, Step
from ftcore.lockstep.state import State, restore, state_of


@dataclass(frozen=True)
class Taken:
    """A step that a learner took.

    Attributes:
        loss, grad_norm: as in `StepResult`.
        finite: whether the step changed anything.
        after: the state after it.
        loaded: the state that the learner held before it; None if it was the learner's own.
    """

    loss: float
    grad_norm: float
    finite: bool
    after: State
    loaded: State | None = None


def take(learner: Learner, state: State, step: Step) -> Taken:
    """Load a state into a learner, take a step from it, and return what came out.

    Args:
        learner: any learner, of any backend, with the parameters of the state.
        state: a state of this or another learner.
        step: the step; the same for every learner that is compared.
    """
    restore(learner, state)
    loaded = state_of(learner)
    result = learner.train_step(step)
    loss, norm, finite = float(result.loss), float(result.grad_norm), bool(float(result.finite))
    return Taken(loss, norm, finite, state_of(learner), loaded)
