"""The training loop: chooses the examples and learning rate of each step, and when to evaluate, stop and save."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ftcore.contract import Batch, Learner, Step
from ftcore.contract.losses import Loss
from ftcore.data import Dataset, EpochSampler, counted_lengths, global_batch
from ftcore.helpers import ahead
from ftcore.loop.checkpoints import Checkpoints
from ftcore.loop.coupling import check_whole
from ftcore.loop.journal import Journal
from ftcore.loop.plan import TrainingPlan
from ftcore.loop.progress import Progress
from ftcore.models import StepFlops
from ftcore.observer import Observer


@dataclass(frozen=True)
class Training:
    """The inputs of a training.

    Attributes:
        learner: built, with its initial parameters.
        loss: computes the weight of a batch.
        train: the training examples.
        train_at: returns the examples for the number of a step; None if they are the same in every step.
        evaluate: evaluates the validation split; None if there is none.
        plan: the training in steps.
        flops: counts the operations of a step; None if they are unknown.
        journal, checkpoints, observer: receive its steps, state and events.
    """

    learner: Learner
    loss: Loss
    train: Dataset
    train_at: Callable[[int], Dataset] | None
    evaluate: Callable[[], dict[str, float]] | None
    plan: TrainingPlan
    flops: StepFlops | None
    journal: Journal
    checkpoints: Checkpoints
    observer: Observer


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
    sampler = EpochSampler(len(training.train), plan.batch_size, plan.seed)
    training.observer.started(plan.total_steps, progress.step + 1)
    steps = ahead(partial(_step, training, sampler), range(progress.step + 1, plan.total_steps + 1))
    while progress.step < plan.total_steps and not _should_stop(plan, progress):
        began = time.perf_counter()
        step = next(steps)
        result = training.learner.train_step(step)
        elapsed = time.perf_counter() - began
        progress.step = step.index
        progress.seconds += elapsed
        throughput.add(elapsed, step.batches, training.flops)
        training.journal.train(step, result, progress.seconds)
        speed = throughput.per_second(throughput.examples)
        training.observer.step(step.index, training.journal.last_loss, step.learning_rate, speed)
        _evaluate_and_save(training, progress)
    training.journal.flush()
    training.observer.finished()
    if plan.keep == "best" and progress.best_step not in (0, progress.step):
        training.checkpoints.restore_tensors(progress.best_step, training.learner)
    return throughput


def _step(training: Training, sampler: EpochSampler, index: int) -> Step:
    plan, train = training.plan, training.train if training.train_at is None else training.train_at(index)
    batches = global_batch(train, sampler.ids(index), plan.batching, plan.micro_batch_size)
    check_whole(batches, training.loss, training.learner)
    total_weight = sum(training.loss.weight(batch) for batch in batches)
    # If no word of a step has a label, the loss and its weight are 0.
    return Step(index, batches, total_weight or 1.0, plan.learning_rates.at(index))


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
        progress.record(metrics[plan.best_metric], plan.best_mode, plan.min_delta)
    training.checkpoints.save(training.learner, progress)
