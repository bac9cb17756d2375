"""Checks whether a checkpoint has a task's head, and whether its shapes are those of the requested head."""

from ftcore.contract.network import Network, Parameter
from ftcore.contract.weights import Checkpoint, listed
from ftcore.errors import ModelError
from ftcore.models.families import FAMILIES
from ftcore.models.families.base import TensorNames


def task_parameters(network: Network) -> list[Parameter]:
    """Return the task's own parameters of the head; a pooler belongs to the pretrained model."""
    family = FAMILIES[network.architecture.family]
    pretrained = tuple(start for start in (family.prefix, *family.kept) if start)
    return [parameter for parameter in network.head.parameters if not parameter.name.startswith(pretrained)]


def without_task_parameters(network: Network) -> list[Parameter]:
    """Return the parameters of the pretrained model."""
    replaced = {parameter.name for parameter in task_parameters(network)}
    return [parameter for parameter in network.tensors if parameter.name not in replaced]


def has_head(checkpoint: Checkpoint, network: Network) -> bool:
    """Return whether the checkpoint has any parameter of a task's head."""
    family = FAMILIES[network.architecture.family]
    names = [alias for parameter in task_parameters(network) for alias in family.aliases(parameter.name)]
    return any(name in checkpoint for name in names)


def check_whole(checkpoint: Checkpoint, network: Network) -> None:
    """Check that a checkpoint that has a head has all of it, including the family's pooler.

    Raises:
        ModelError: a parameter is missing: the head was trained with another input.
    """
    family = FAMILIES[network.architecture.family]
    found = (parameter for parameter in network.head.parameters if not _stored(checkpoint, family, parameter.name))
    if missing := [parameter.name for parameter in found]:
        refuse(checkpoint, f"is that of another task: it lacks {listed(missing)}")


def _stored(checkpoint: Checkpoint, family: TensorNames, name: str) -> bool:
    return any(alias in checkpoint for alias in family.aliases(name))


def check_size(checkpoint: Checkpoint, network: Network) -> None:
    """Check by shapes that a checkpoint's head has the right number of outputs.

    Raises:
        ModelError: it has another number.
    """
    family = FAMILIES[network.architecture.family]
    for parameter in task_parameters(network):
        for name in family.aliases(parameter.name):
            if name in checkpoint and checkpoint.shape(name) != parameter.shape:
                refuse(
                    checkpoint,
                    f"does not fit {_outputs(network)} "
                    f"({name!r} is {list(checkpoint.shape(name))}, not {list(parameter.shape)})",
                )


def _outputs(network: Network) -> str:
    count = network.head.outputs
    return f"{count} output{'s' if count != 1 else ''}"


def refuse(checkpoint: Checkpoint, reason: str) -> None:
    """Raise ModelError if there is a reason why a checkpoint's head is not the requested one."""
    if reason:
        raise ModelError(
            f"{checkpoint.path}: the checkpoint's head {reason}; a training draws a new one with model.replace_head: "
            "true"
        )
