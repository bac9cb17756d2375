"""Which tensor of a checkpoint is which parameter: every one used exactly once, or an error with the names."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ftcore.contract.network import Network, Parameter
from ftcore.contract.weights import Checkpoint, listed
from ftcore.errors import ModelError
from ftcore.models.families.base import TensorNames


@dataclass(frozen=True)
class Match:
    """What a checkpoint gives a network.

    Attributes:
        sources: parameter name to tensor name.
        new: parameters of the head, and buffers, that the checkpoint does not have.
        ignored: tensors that are known and not needed.
    """

    sources: dict[str, str]
    new: tuple[Parameter, ...]
    ignored: tuple[str, ...]


def match(checkpoint: Checkpoint, network: Network, family: TensorNames, wanted: Iterable[Parameter]) -> Match:
    """Match the tensors of a checkpoint with parameters.

    Args:
        checkpoint: the tensors.
        network: every tensor of it must get a value.
        family: knows the names.
        wanted: the parameters that are read from the checkpoint where it has them (without a head that is replaced).

    Raises:
        ModelError: tensors are missing, unexpected, there twice or of a wrong shape; names them.
    """
    sources = {parameter.name: source for parameter in wanted if (source := _source(checkpoint, family, parameter))}
    new = tuple(parameter for parameter in network.tensors if parameter.name not in sources)
    allowed = _absent_of_head(network, new) | {parameter.name for parameter in new if parameter.role == "constant"}
    missing = [parameter.name for parameter in new if parameter.name not in allowed]
    unused = sorted(set(checkpoint.names) - set(sources.values()))
    unexpected = [name for name in unused if not family.ignores(name)]
    reasons = [f"the checkpoint lacks {listed(missing)}"] if missing else []
    reasons += [f"the network has no place for the checkpoint's {listed(unexpected)}"] if unexpected else []
    if reasons:
        raise ModelError(f"{checkpoint.path}: {'; '.join(reasons)}")
    _check_shapes(checkpoint, network, sources)
    return Match(sources, new, tuple(unused))


def known_names(network: Network, family: TensorNames) -> frozenset[str]:
    """Return every name that a checkpoint may give one of the network's parameters."""
    return frozenset(alias for parameter in network.tensors for alias in family.aliases(parameter.name))


def read_tensors(checkpoint: Checkpoint, network: Network, matched: Match) -> dict[str, np.ndarray]:
    """Return the network's tensors that a checkpoint has, in their own shapes and stored types.

    Raises:
        ModelError: a value is not finite; names the tensor.
    """
    found = [tensor for tensor in network.tensors if tensor.name in matched.sources]
    return {tensor.name: _read(checkpoint, tensor, matched.sources[tensor.name]) for tensor in found}


def _read(checkpoint: Checkpoint, tensor: Parameter, source: str) -> np.ndarray:
    """Return a tensor of a checkpoint; raises ModelError if a value is not finite."""
    # A count is the one tensor that is not floating.
    if tensor.role == "count":
        return checkpoint.read_stored(source)
    values = checkpoint.read(source)
    finite = np.isfinite(values)
    if not finite.all():
        raise ModelError(
            f"{checkpoint.path}: {values.size - np.count_nonzero(finite):,} of {values.size:,} values of tensor "
            f"{source!r} are not finite: get the checkpoint again, or train it again"
        )
    return values


def _source(checkpoint: Checkpoint, family: TensorNames, parameter: Parameter) -> str | None:
    found = [name for name in family.aliases(parameter.name) if name in checkpoint]
    if len(found) > 1:
        raise ModelError(f"{checkpoint.path}: {' and '.join(map(repr, found))} are the same parameter")
    return found[0] if found else None


def _absent_of_head(network: Network, new: Iterable[Parameter]) -> set[str]:
    """Return the parameters of the head's layers that are new as a whole, which only a new head is.

    A language model's head is new as a whole or not at all: an encoder alone is a whole model, of which a masked
    language model's head is then drawn; a decoder's head belongs to its checkpoint.
    """
    missing = {parameter.name for parameter in new}
    layers: dict[str, set[str]] = {}
    for parameter in network.head.parameters:
        layer = "" if network.predicts_tokens else parameter.path.partition(".")[0]
        layers.setdefault(layer, set()).add(parameter.name)
    if network.predicts_tokens and network.architecture.generates:
        return set()
    return set().union(*(layer for layer in layers.values() if layer <= missing))


def _check_shapes(checkpoint: Checkpoint, network: Network, sources: dict[str, str]) -> None:
    for parameter in network.tensors:
        source = sources.get(parameter.name)
        if source is not None and checkpoint.shape(source) != parameter.shape:
            raise ModelError(
                f"{checkpoint.path}: tensor {source!r} is {list(checkpoint.shape(source))}, "
                f"and the network's {parameter.name!r} is {list(parameter.shape)}"
            )
