"""The training loop: chooses the examples and learning rate of each step, and when to evaluate, stop and save."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ftcore.contract import Batch, Step
from ftcore.data import counted_lengths
from ftcore.helpers import ahead
from ftcore.loop.checkpoints import Checkpoints
from ftcore.loop.journal import Journal
from ftcore.loop.plan import TrainingPlan
from ftcore.loop.progress import Progress
from ftcore.loop.steps import Steps, StepWatcher
from ftcore.models import StepFlops
from ftcore.observer import Observer

AroundStep = Callable[[Step], AbstractContextManager[None]]
"""Returns the context in which a step is taken, which may explain what a user's own module raises."""


@dataclass(frozen=True)
class Training:
    """The inputs of a training.

    Attributes:
        steps: the steps, with the learner that takes them.
        evaluate: evaluates the validation split; None if there is none.
        flops: counts the operations of a step; None if they are unknown.
        watcher: sees each step.
        journal, checkpoints, observer: receive its steps, state and events.
        around_step: returns the context in which a step is taken.
    """

    steps: Steps
    evaluate: Callable[[], dict[str, float]] | None
    flops: StepFlops | None
    watcher: StepWatcher
    journal: Journal
    checkpoints: Checkpoints
    observer: Observer
    around_step: AroundStep

    @property
    def plan(self) -> TrainingPlan:
        """The training in steps."""
        return self.steps.plan


@dataclass
class Throughput:
    """The speed of this process's training steps without the first, which may compile."""

    first_step_seconds: float = 0.0
    seconds: float = 0.0
    examples: int = 0
    tokens: int = 0
    flops: float = 0.0

    def add(self, seconds: float, batches: Sequence[Batch], flops: StepFlops | None) -> None:
        """Add one step."""
        if self.first_step_seconds == 0.0:
            self.first_step_seconds = seconds
            return
        self.seconds += seconds
        self.examples += sum(batch.examples for batch in batches)
        self.tokens += sum(batch.tokens for batch in batches)
        if flops is not None:
            self.flops += sum(flops(counted_lengths(batch)) for batch in batches)

    def per_second(self, count: float) -> float:
        """Return `count` per second of training; 0 before the second step."""
        return count / self.seconds if self.seconds else 0.0


def train(training: Training, progress: Progress) -> Throughput:
    """Train from `progress` to the end of the plan, or to an early stop, and update `progress`.

    At the end the learner holds the parameters that the plan keeps: of the best evaluation, or of the last step.
    """
    plan, throughput = training.plan, Throughput()
    training.observer.started(plan.total_steps, progress.step + 1)
    steps = ahead(training.steps.at, range(progress.step + 1, plan.total_steps + 1))
    while progress.step < plan.total_steps and not _should_stop(plan, progress):
        began = time.perf_counter()
        step = next(steps)
        waited = time.perf_counter() - began
        training.watcher.before(step)
        began = time.perf_counter()
        with training.around_step(step):
            result = training.steps.learner.train_step(step)
        elapsed = waited + time.perf_counter() - began
        training.watcher.after(step, result)
        progress.step = step.index
        progress.seconds += elapsed
        throughput.add(elapsed, step.batches, training.flops)
        training.journal.train(step, result, progress.seconds)
        speed = throughput.per_second(throughput.examples)
        training.observer.step(step.index, training.journal.last_loss, step.learning_rate, speed)
        _evaluate_and_save(training, progress)
    training.journal.close()
    training.observer.finished()
    if plan.keep == "best" and progress.best_step not in (0, progress.step):
        training.checkpoints.restore_tensors(progress.best_step, training.steps.learner)
    return throughput


def _should_stop(plan: TrainingPlan, progress: Progress) -> bool:
    return plan.patience is not None and progress.without_improvement >= plan.patience


def _evaluate_and_save(training: Training, progress: Progress) -> None:
    plan, index = training.plan, progress.step
    last = index == plan.total_steps
    evaluation_due = last or index % plan.evaluate_every == 0
    checkpoint_due = evaluation_due or (plan.checkpoint_every is not None and index % plan.checkpoint_every == 0)
    if not checkpoint_due:
        return
    training.journal.flush()
    if evaluation_due and training.evaluate is not None:
        metrics = training.evaluate()
        training.journal.evaluation(index, "validation", metrics, progress.seconds)
        training.observer.evaluated("validation", index, metrics)
        progress.record(metrics.get(plan.best_metric), plan.best_mode, plan.min_delta)
    training.checkpoints.save(training.steps.learner, progress)
