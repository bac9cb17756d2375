"""Checks whether the examples of a step may be split into several batches."""

from collections.abc import Sequence

from ftcore.contract import Batch, Learner
from ftcore.contract.losses import Loss
from ftcore.contract.network import Network
from ftcore.errors import BackendError, SpecError
from ftcore.parts import dotted
from ftcore.spec import TrainingSpec, batching_problems


def couples(loss: Loss, network: Network | None) -> bool:
    """Return whether the examples of a batch are known to depend on each other in training.

    Args:
        loss: the loss's definition.
        network: network that is trained; None for a user's own module, for which the learner answers later.
    """
    return loss.couples_examples or (network is not None and network.couples_examples)


def check_batching(training: TrainingSpec, loss: Loss, network: Network | None) -> None:
    """Check that loss and network allow the spec's batching.

    Raises:
        SpecError: they do not; the message names the fields.
    """
    if found := batching_problems(training, loss, network):
        raise SpecError("\n".join(f"{dotted(place)}: {text}" for place, text in found))


def check_whole(batches: Sequence[Batch], loss: Loss, learner: Learner) -> None:
    """Check that a step is one batch if the loss or the learner's network couples examples.

    Raises:
        BackendError: the step is split.
    """
    if len(batches) == 1:
        return
    if loss.couples_examples:
        raise BackendError(
            f"the loss {loss.name} couples the examples of a batch: a split into micro-batches would change it; "
            "leave micro_batch_size and batching out"
        )
    if learner.couples_examples:
        raise BackendError(
            "the network has batch normalization, which couples the examples of a batch: "
            "a split into micro-batches would change the result; leave micro_batch_size and batching out"
        )
