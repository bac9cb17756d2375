"""Where a new classifier starts, beside its draws."""

import numpy as np

from ftcore.models import ModelPlan
from ftcore.targets.base import with_tensors


def with_initial_bias(model: ModelPlan, bias: np.ndarray | None) -> ModelPlan:
    """Return the model whose new classifier's bias starts here; one that the checkpoint brings stays as it is.

    Args:
        model: its new parameters are drawn.
        bias: float32 [outputs]; None for as it is drawn.
    """
    names = new_classifier(model)
    if bias is None or names is None or names[1] is None:
        return model
    return with_tensors(model, {names[1]: bias})


def new_classifier(model: ModelPlan) -> tuple[str, str | None] | None:
    """Return the checkpoint names of a drawn classifier's weight and bias; None where it is not drawn."""
    head = model.network.head
    names = {parameter.path: parameter.name for parameter in head.parameters if parameter.name in model.new}
    if head.classifier is None or f"{head.classifier.path}.weight" not in names:
        return None
    return names[f"{head.classifier.path}.weight"], names.get(f"{head.classifier.path}.bias")
