"""From a model folder to a network that labels every token, with a value for every parameter."""

from pathlib import Path

from ftcore.errors import ModelError
from ftcore.models.checkpoint import Checkpoint
from ftcore.models.config import read_architecture, read_config, read_family, stored_classes, stored_labels
from ftcore.models.families.token_classifiers import token_classifier, token_classifier_class
from ftcore.models.kept_head import check_head_size, without_task_parameters
from ftcore.models.matching import match
from ftcore.models.network import Network
from ftcore.models.plan import ModelPlan, drawn_tensors, read_tensors


def plan_token_classifier(
    folder: Path, outputs: int, replace_head: bool = False, dropout: float | None = None, seed: int = 0
) -> ModelPlan:
    """Return a folder's network with a head that labels every token.

    The head is the folder's own where its config names the family's token classifier; else it is drawn.

    Args:
        folder: holds config.json, the weights and the tokenizer.
        outputs: number of labels.
        replace_head: draw a new head even so.
        dropout: replaces every dropout rate of the config, or None.
        seed: keys the draws.

    Raises:
        ModelError: the model is not supported or its family has no such head, or the checkpoint does not fit.
    """
    config = read_config(folder)
    family = read_family(folder, config)
    architecture = read_architecture(folder, config, family, dropout)
    network = Network(architecture, token_classifier(family, architecture, outputs, dropout))
    checkpoint = Checkpoint.open(folder)
    keeps_head = not replace_head and token_classifier_class(family) in stored_classes(config)
    if keeps_head:
        check_head_size(checkpoint, network, family)
    wanted = network.tensors if keeps_head else without_task_parameters(network, family)
    matched = match(checkpoint, network, family, wanted)
    if keeps_head and matched.new:
        raise ModelError(f"{checkpoint.path}: the checkpoint lacks {matched.new[0].name!r}")
    return ModelPlan(
        network=network,
        tensors=read_tensors(checkpoint, network, matched) | drawn_tensors(matched.new, architecture, seed),
        source=folder,
        tokenizer_folder=folder,
        dtype=checkpoint.dtype,
        new=tuple(parameter.name for parameter in matched.new),
        ignored=matched.ignored,
        labels=stored_labels(config) if keeps_head else None,
        weights_sha256=checkpoint.sha256(),
        notes=checkpoint.notes,
    )
