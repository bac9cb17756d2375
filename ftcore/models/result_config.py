"""Builds config.json of a result from that of the pretrained model."""

from collections.abc import Sequence
from typing import Any

from ftcore.contract.network import Network

STALE = ("_name_or_path", "transformers_version", "torch_dtype", "num_labels", "_num_labels")
"""Fields of the pretrained model's config that are wrong for the result."""
OF_CLASSES = ("problem_type", "id2label", "label2id")
"""Fields that a model without a classifier does not have."""


def plain_config(network: Network, class_name: str, dtype: str) -> dict[str, Any]:
    """Return the config of a network without further changes.

    Args:
        network: of the result.
        class_name: its class in transformers.
        dtype: of the written weights.
    """
    config = {name: value for name, value in network.architecture.config.items() if name not in STALE}
    return {**config, "architectures": [class_name], "dtype": dtype}


def vector_config(network: Network, class_name: str, dtype: str) -> dict[str, Any]:
    """Return the config of a network without a classifier; the arguments are those of `plain_config`."""
    config = plain_config(network, class_name, dtype)
    return _padded(network) | {name: value for name, value in config.items() if name not in OF_CLASSES}


def labelled_config(
    network: Network, class_name: str, labels: Sequence[str], problem_type: str, dtype: str
) -> dict[str, Any]:
    """Return the config of a network with a task's head.

    Args:
        network: of the result.
        class_name: its class in transformers.
        labels: a name for each output.
        problem_type: of transformers; "" for none.
        dtype: of the written weights.
    """
    return {
        **_padded(network),
        **plain_config(network, class_name, dtype),
        "problem_type": problem_type or None,
        "id2label": {str(index): name for index, name in enumerate(labels)},
        "label2id": {name: index for index, name in enumerate(labels)},
    }


def _padded(network: Network) -> dict[str, Any]:
    """Return the field of the padding token's id, if a network of texts has one and its config has none."""
    return {} if network.architecture.token_table is None else {"pad_token_id": 0}
