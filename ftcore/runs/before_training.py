"""Checks before the first step what would else stop a run at a later one."""

import numpy as np

from ftcore.contract import Learner
from ftcore.contract.losses import Loss
from ftcore.contract.network import Network, ResidualConvolution, check_statistics
from ftcore.data import PreparedData, evaluation_batches
from ftcore.errors import DataError, ModelError, SpecError
from ftcore.evaluation import NOTHING_COUNTS
from ftcore.inputs import Preparer
from ftcore.loop import TrainingPlan


def smallest_step(plan: TrainingPlan, examples: int) -> tuple[int, int]:
    """Return the number and the size of the step with the fewest examples, the first of several.

    Args:
        plan: the training in steps.
        examples: number of training examples.
    """
    last, left = -(-examples // plan.batch_size), examples % plan.batch_size
    return (last, left) if left and last <= plan.total_steps else (1, min(plan.batch_size, examples))


def check_last_batch(plan: TrainingPlan, data: PreparedData, network: Network | None) -> None:
    """Check that no step has too few images for the network's batch normalization.

    Raises:
        SpecError: a step has; names its number.
    """
    body = None if network is None else network.architecture.body
    if not isinstance(body, ResidualConvolution):
        return
    step, size = smallest_step(plan, len(data.train))
    try:
        check_statistics(body, data.train.batch(np.arange(size)).inputs["pixel_values"].shape)
    except ModelError as error:
        raise SpecError(
            f"training.batch_size: step {step} has {size} of the {len(data.train)} training images: {error}"
        ) from error


def notes_of_compared(plan: TrainingPlan, examples: int, loss: Loss) -> list[str]:
    """Return a note if a loss that compares the examples of a batch gets a single one in some step."""
    step, size = smallest_step(plan, examples)
    if size > 1 or not loss.couples_examples:
        return []
    return [
        f"step {step} has one of the {examples} training examples, which {loss.name} compares with no other of its "
        "batch: another training.batch_size leaves no single example over"
    ]


def check_something_counts(data: PreparedData, preparer: Preparer, loss: Loss) -> None:
    """Check that a label of every split to evaluate counts in the loss.

    Raises:
        DataError: none of a split does.
    """
    for name, split in data.evaluated.items():
        if not any(loss.weight(batch) for batch in evaluation_batches(preparer.for_evaluation(split))):
            raise DataError(f"{name}: {NOTHING_COUNTS}")


def notes_of_last_batch(plan: TrainingPlan, examples: int, learner: Learner) -> list[str]:
    """Return a note if batch normalization of a user's own module sees a single example in some step."""
    step, size = smallest_step(plan, examples)
    if size > 1 or not learner.couples_examples:
        return []
    return [
        f"step {step} has one of the {examples} training examples, of which the module's batch normalization may have "
        "no variance: another batch_size leaves no single example over"
    ]
