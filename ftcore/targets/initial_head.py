"""Where a new classifier starts, beside its draws: from what the training targets say."""

from dataclasses import replace
from typing import Any

import numpy as np

from ftcore.contract.network import Head, TokenHead
from ftcore.models import ModelPlan
from ftcore.tasks import Task


def with_initial_head(model: ModelPlan, task: Task, targets: Any) -> ModelPlan:
    """Return the model with initial values of a new classifier; one that the checkpoint brings stays as it is.

    A regression of two normalized vectors starts as their cosine, laid over the range of the targets: what a sentence
    encoder knows of a pair, which a drawn map of four vectors would have to find again. Else the bias starts where
    the task says.

    Args:
        model: its new parameters are drawn.
        task: whose targets they are.
        targets: of train; Words in a task of words.
    """
    head = model.network.head
    names = {parameter.path: parameter.name for parameter in head.parameters if parameter.name in model.new}
    classifier = head.classifier
    if classifier is None or f"{classifier.path}.weight" not in names:
        return model
    weight, bias = names[f"{classifier.path}.weight"], names.get(f"{classifier.path}.bias")
    values: dict[str, np.ndarray] = {}
    start = task.initial_bias(targets)
    if _compares(head) and task.problem_type == "regression":
        lowest, highest = float(targets.min()), float(targets.max())
        values[weight] = _cosine(model.tensors[weight], highest - lowest)
        start = np.asarray([lowest], np.float32)
    if start is not None and bias is not None:
        values[bias] = start
    return replace(model, tensors={**model.tensors, **values})


def _compares(head: Head | TokenHead) -> bool:
    return head.pair == "concat_difference_product" and head.normalize


def _cosine(drawn: np.ndarray, scale: float) -> np.ndarray:
    """Return the weight [1, 4 * hidden] of [u, v, abs(u - v), u * v] that gives scale times the cosine."""
    hidden = drawn.shape[1] // 4
    values = np.zeros_like(drawn)
    values[:, 3 * hidden :] = scale
    return values
