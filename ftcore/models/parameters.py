"""Selects the parameters to train, and those with weight decay."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Literal

from ftcore.contract.network import Network
from ftcore.contract.optimizers import Optimizer
from ftcore.errors import ModelError
from ftcore.helpers import did_you_mean

DECAYING = frozenset({"weight", "embedding"})
"""The roles of parameters with weight decay."""


def trainable_names(trainable: Literal["all", "head"] | Sequence[str], network: Network) -> frozenset[str] | None:
    """Return the names of the trained parameters; None means all.

    Args:
        trainable: "all", "head" (classifier and pooler), or shell-style patterns of checkpoint names.
        network: the network with the parameters.

    Raises:
        ModelError: a pattern matches no parameter, or there is nothing to train.
    """
    if trainable == "all":
        return None
    if trainable == "head":
        names = frozenset(parameter.name for parameter in network.head.parameters)
    else:
        every = [parameter.name for parameter in network.parameters]
        names = frozenset(name for pattern in trainable for name in _matching(pattern, every))
    if not names:
        raise ModelError(f"model.trainable: {trainable!r} selects nothing to train")
    return names


def decay_exempt(network: Network) -> frozenset[str]:
    """Return the names of the parameters without weight decay: biases and norms."""
    return frozenset(parameter.name for parameter in network.parameters if parameter.role not in DECAYING)


def least_decayed_dimensions(optimizer: Optimizer) -> int:
    """Return the dimensions below which a parameter does not decay in a module that nothing describes.

    Its parameters have no roles; biases and norms have one dimension.
    """
    return 0 if optimizer.decay_biases_and_norms else 2


def _matching(pattern: str, names: Sequence[str]) -> list[str]:
    found = [name for name in names if fnmatchcase(name, pattern)]
    if not found:
        near = did_you_mean(pattern, _candidates(names))
        raise ModelError(f"model.trainable: the pattern {pattern!r} matches no parameter{near}; one is {names[0]!r}")
    return found


def _candidates(names: Sequence[str]) -> list[str]:
    """Return the names, and each of their dotted prefixes as a pattern: "bert.encoder.layer.0.*"."""
    parts = [name.split(".") for name in names]
    prefixes = {".".join([*words[:length], "*"]) for words in parts for length in range(1, len(words))}
    return [*names, *sorted(prefixes)]
