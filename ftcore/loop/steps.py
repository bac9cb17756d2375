"""Makes the steps of a training: the examples, weight and learning rate of each, for any learner."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ftcore.contract import Learner, Step, StepResult
from ftcore.contract.losses import Loss
from ftcore.data import Dataset, EpochSampler, global_batch
from ftcore.loop.coupling import check_whole
from ftcore.loop.plan import TrainingPlan


@dataclass(frozen=True)
class Steps:
    """The steps of a training; each follows from its number alone.

    Attributes:
        learner: takes them.
        loss: computes the weight of a batch.
        train: the training examples.
        train_at: returns the examples for the number of a step; None if they are the same in every step.
        plan: the training in steps.
    """

    learner: Learner
    loss: Loss
    train: Dataset
    train_at: Callable[[int], Dataset] | None
    plan: TrainingPlan

    def at(self, index: int) -> Step:
        """Return a step by its number, 1 for the first.

        Raises:
            BackendError: it has several batches, and loss or network couple the examples of a step.
        """
        plan, train = self.plan, self.train if self.train_at is None else self.train_at(index)
        batches = global_batch(train, self._sampler.ids(index), plan.batching, plan.micro_batch_size)
        check_whole(batches, self.loss, self.learner)
        total_weight = sum(self.loss.weight(batch) for batch in batches)
        # If no word of a step has a label, the loss and its weight are 0.
        return Step(index, batches, total_weight or 1.0, plan.learning_rates.at(index))

    @cached_property
    def _sampler(self) -> EpochSampler:
        return EpochSampler(len(self.train), self.plan.batch_size, self.plan.seed)


class StepWatcher(Protocol):
    """Sees each step of a training, outside the measured time."""

    def before(self, step: Step) -> None:
        """Look at the learner before a step."""
        ...

    def after(self, step: Step, result: StepResult) -> None:
        """Look at the learner after a step."""
        ...


class _Nobody:
    """Watches nothing."""

    def before(self, step: Step) -> None:
        """Do nothing."""

    def after(self, step: Step, result: StepResult) -> None:
        """Do nothing."""


NOBODY: StepWatcher = _Nobody()
