"""How the examples of a step may lie, by what is known of the loss and of the network."""

from ftcore.contract.losses import Loss
from ftcore.contract.network import Network
from ftcore.parts import Problems
from ftcore.spec.training import TrainingSpec

PART = "training"


def batching_problems(training: TrainingSpec, loss: Loss | type[Loss], network: Network | None = None) -> Problems:
    """Return the fields of a training by which examples would lie otherwise than loss and network allow.

    Args:
        training: the `training` part.
        loss: the loss's definition.
        network: what is trained; None where it is not known.
    """
    found = _of_loss(training, loss) if loss.couples_examples else []
    return found if network is None else [*found, *_of_network(training, network)]


def _of_loss(training: TrainingSpec, loss: Loss | type[Loss]) -> Problems:
    text = f"and loss {loss.name} compares all examples of a batch"
    unfit: dict[str, tuple[bool, str]] = {
        "batch_size": (training.batch_size == 1, f"given 1, {text}: give 2 or more"),
        "micro_batch_size": (training.micro_batch_size is not None, f"is given, {text}: leave it out"),
        "batching": (training.batching == "sorted", f"given sorted, {text}; allowed: packed, padded"),
    }
    return [((PART, name), text) for name, (wrong, text) in unfit.items() if wrong]


def _of_network(training: TrainingSpec, network: Network) -> Problems:
    family, size = network.architecture.family, training.micro_batch_size
    unfit: dict[str, tuple[bool, str]] = {
        "micro_batch_size": (
            network.couples_examples and size is not None,
            f"given {size}, and {family} has batch normalization, which couples the examples of a batch: leave it out",
        ),
        "batching": (
            training.batching == "packed" and not network.architecture.packs,
            f"given packed, which is not exact for {family}; allowed: sorted, padded",
        ),
    }
    return [((PART, name), text) for name, (wrong, text) in unfit.items() if wrong]
