"""Whether a checkpoint's own head is the head that is asked for."""

from collections.abc import Mapping
from typing import Any

from ftcore.contract.network import Network, Parameter, TokenHead, Unit
from ftcore.errors import ModelError
from ftcore.models.checkpoint import Checkpoint
from ftcore.models.config import stored_classes
from ftcore.models.families import TOKEN_CLASSIFIERS, Family
from ftcore.tasks import ANY_TASK


def task_parameters(network: Network, family: Family) -> list[Parameter]:
    """Return the head's parameters that a task brings; a pooler belongs to the pretrained model."""
    pretrained = tuple(start for start in (family.prefix, *family.kept) if start)
    return [parameter for parameter in network.head.parameters if not parameter.name.startswith(pretrained)]


def without_task_parameters(network: Network, family: Family) -> list[Parameter]:
    """Return what the pretrained model brings."""
    replaced = {parameter.name for parameter in task_parameters(network, family)}
    return [parameter for parameter in network.tensors if parameter.name not in replaced]


def head_class(network: Network, family: Family) -> str:
    """Return the class in transformers that a task's head of this kind is of."""
    return TOKEN_CLASSIFIERS[family.name].tokens_classifier_class if _of_tokens(network) else family.classifier_class


def _of_tokens(network: Network) -> bool:
    return isinstance(network.head, TokenHead)


def has_head(checkpoint: Checkpoint, network: Network, family: Family) -> bool:
    """Return whether the checkpoint has any parameter of a task's head."""
    names = [alias for parameter in task_parameters(network, family) for alias in family.aliases(parameter.name)]
    return any(name in checkpoint for name in names)


def check_head(
    checkpoint: Checkpoint,
    network: Network,
    family: Family,
    config: Mapping[str, Any],
    description: Mapping[str, Any],
) -> None:
    """Check that a checkpoint's head reads and gives what this network's head does.

    Args:
        checkpoint: has a head.
        network: what is asked for.
        family: of both.
        config: the checkpoint's config.json.
        description: its ftcore.json, or {}.

    Raises:
        ModelError: it does not; says how they differ.
    """
    _refuse(
        checkpoint, _other_class(network, family, config, description) or _other_input(network, family, description)
    )
    check_head_size(checkpoint, network, family)


def check_head_size(checkpoint: Checkpoint, network: Network, family: Family) -> None:
    """Check what a file of weights alone tells of its head: whether it gives as many outputs.

    Raises:
        ModelError: it does not.
    """
    _refuse(checkpoint, _other_size(checkpoint, network, family))


def _refuse(checkpoint: Checkpoint, reason: str) -> None:
    if reason:
        raise ModelError(
            f"{checkpoint.path}: the checkpoint's head {reason}: set model.replace_head: true to draw a new one"
        )


def _other_class(network: Network, family: Family, config: Mapping[str, Any], description: Mapping[str, Any]) -> str:
    """Return a reason where the head is that of another kind of task: its tensors have the same names."""
    if description:
        asked: Unit = "token" if _of_tokens(network) else "sequence"
        stored = ANY_TASK[description["task"]].unit
        return "" if stored == asked else f"is that of a {stored} (task {description['task']}), not of a {asked}"
    wanted = head_class(network, family)
    classes = stored_classes(config) or [wanted]
    return "" if wanted in classes else f"is that of {', '.join(classes)}, not of {wanted}"


def _other_input(network: Network, family: Family, description: Mapping[str, Any]) -> str:
    head = network.head
    if _of_tokens(network):
        return ""
    usual = {"pooling": family.pooling, "normalize": False, "pair": "joint"}
    asked = {
        "pooling": head.pooling,
        "normalize": head.normalize,
        "pair": "joint" if head.pair == "single" else "separate",
    }
    stored = {name: description.get(name, value) for name, value in usual.items()}
    return " and ".join(
        f"was trained with {name} {_in_yaml(stored[name])}, not {_in_yaml(asked[name])}"
        for name in stored
        if stored[name] != asked[name]
    )


def _in_yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _other_size(checkpoint: Checkpoint, network: Network, family: Family) -> str:
    for parameter in task_parameters(network, family):
        for name in family.aliases(parameter.name):
            if name in checkpoint and checkpoint.shape(name) != parameter.shape:
                return (
                    f"does not fit {network.head.outputs} outputs "
                    f"({name!r} is {list(checkpoint.shape(name))}, not {list(parameter.shape)})"
                )
    return ""
