"""Checks that the outputs of a checkpoint's head are the labels of the data, in the same order."""

from collections.abc import Sequence

from ftcore.errors import ModelError
from ftcore.models import ModelPlan, generic_labels

REPLACE = "set model.replace_head: true for a new head"


def check_head_labels(model: ModelPlan, labels: Sequence[str], is_order_given: bool) -> list[str]:
    """Check the labels of a head that is kept; return notes for the user about how they were found.

    Args:
        model: the network.
        labels: the labels of the data in order; [] if it has none.
        is_order_given: whether the spec gives them, so that their order can be that of the outputs.

    Raises:
        ModelError: the head has other labels, or its outputs have no names and the order of the labels is not given.
    """
    if model.labels is not None and model.labels != list(labels):
        raise ModelError(
            f"the checkpoint's head has the labels {', '.join(model.labels)}, the data {', '.join(labels)}: "
            f"give data.labels in the checkpoint's order, or {REPLACE}"
        )
    if not model.is_unnamed or not labels or list(labels) == generic_labels(len(labels)):
        return []
    order = ", ".join(labels)
    if not is_order_given and list(labels) != [str(number) for number in range(len(labels))]:
        raise ModelError(
            f"the checkpoint's head has {len(labels)} outputs without names (LABEL_0 ...), and the data has the labels "
            f"{order}: give data.labels in the order of the outputs, or {REPLACE}"
        )
    return [f"the checkpoint's head is kept; its outputs, which have no names, are read as {order}"]
