"""Sets the initial bias of a new classifier."""

import numpy as np

from ftcore.models import ModelPlan
from ftcore.targets.base import with_tensors


def with_initial_bias(model: ModelPlan, bias: np.ndarray | None) -> ModelPlan:
    """Return the model with this initial bias in a new classifier; one from the checkpoint keeps its bias.

    Args:
        model: the model, with its new parameters drawn.
        bias: float32 [outputs]; None to keep the drawn bias.
    """
    names = new_classifier(model)
    if bias is None or names is None or names[1] is None:
        return model
    return with_tensors(model, {names[1]: bias})


def new_classifier(model: ModelPlan) -> tuple[str, str | None] | None:
    """Return the checkpoint names of a new classifier's weight and bias; None if the classifier is not new."""
    head = model.network.head
    names = {parameter.path: parameter.name for parameter in head.parameters if parameter.name in model.new}
    if head.classifier is None or f"{head.classifier.path}.weight" not in names:
        return None
    return names[f"{head.classifier.path}.weight"], names.get(f"{head.classifier.path}.bias")
