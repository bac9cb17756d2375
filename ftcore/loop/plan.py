"""Derives the steps of a training from the spec and the number of examples."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from ftcore.contract.optimizers import SCHEDULES, LearningRates
from ftcore.data import Batching
from ftcore.spec import TrainingSpec


@dataclass(frozen=True)
class TrainingPlan:
    """A training in steps.

    Attributes:
        total_steps: optimizer steps of the run.
        evaluate_every, checkpoint_every: intervals in steps; None means only at the end.
        best_metric, best_mode: the metric that selects the best evaluation, and whether it is the maximum or minimum.
        patience: evaluations without improvement after which the run stops; None means never.
        min_delta: the smallest change that counts as an improvement.
    """

    total_steps: int
    learning_rates: LearningRates
    batch_size: int
    micro_batch_size: int | None
    batching: Batching
    evaluate_every: int
    checkpoint_every: int | None
    keep: Literal["best", "last"]
    best_metric: str
    best_mode: Literal["max", "min"]
    patience: int | None
    min_delta: float
    seed: int


def plan_training(
    training: TrainingSpec,
    schedule: Any,
    learning_rate: float,
    examples: int,
    packs: bool,
    best_metric: str,
    best_mode: Literal["max", "min"],
    couples: bool = False,
) -> TrainingPlan:
    """Turn a spec's training and schedule parts into steps.

    Args:
        training: the `training` part.
        schedule: the `schedule` part: a name, its fields, warmup_steps or warmup_ratio.
        learning_rate: learning rate of the optimizer.
        examples: number of training examples.
        packs: whether the network computes packed examples exactly.
        best_metric: the metric that selects the best evaluation.
        best_mode: whether the maximum or the minimum is best.
        couples: whether the examples of a step may depend on each other, so that it is not split by default.
    """
    steps_per_epoch = math.ceil(examples / training.batch_size)
    total_steps = training.max_steps or max(1, round((training.epochs or 0) * steps_per_epoch))
    stopping = training.early_stopping
    return TrainingPlan(
        total_steps=total_steps,
        learning_rates=_learning_rates(schedule, learning_rate, total_steps),
        batch_size=training.batch_size,
        micro_batch_size=training.micro_batch_size,
        batching=training.batching or ("packed" if packs else "padded" if couples else "sorted"),
        evaluate_every=steps_per_epoch if training.evaluate_every == "epoch" else training.evaluate_every,
        checkpoint_every=training.checkpoint_every,
        keep=training.keep,
        best_metric=best_metric,
        best_mode=best_mode,
        patience=None if stopping is None else stopping.patience,
        min_delta=0.0 if stopping is None else stopping.min_delta,
        seed=training.seed,
    )


def _learning_rates(schedule: Any, peak: float, total_steps: int) -> LearningRates:
    fields = schedule.model_dump(exclude={"name", "warmup_steps", "warmup_ratio"})
    warmup = schedule.warmup_steps or 0
    if schedule.warmup_ratio is not None:
        warmup = round(schedule.warmup_ratio * total_steps)
    return LearningRates(peak, SCHEDULES[schedule.name](**fields), warmup, total_steps)
