"""Keeps the values of the residual sums in the type of the parameters where narrow embeddings are mapped to them."""

from typing import Any

from torch import Tensor, nn

from ftcore.contract.network import Architecture

PROJECTION = "embeddings.projection.weight"
"""The canonical path of the map's weight."""


def projects(architecture: Architecture) -> bool:
    """Return whether a linear map projects the embeddings."""
    return any(parameter.path == PROJECTION for parameter in architecture.parameters)


def keep_projection_unrounded(body: nn.Module, architecture: Architecture, prefix: str) -> None:
    """Make the map return the type of its weight; its operands stay rounded.

    Args:
        body: transformers' body.
        architecture: description of the body.
        prefix: prefix of the description's parameter names that names in `body` do not have.
    """
    name = next(parameter.name for parameter in architecture.parameters if parameter.path == PROJECTION)
    module = body.get_submodule(name.removeprefix(prefix).rpartition(".")[0])
    module.register_forward_hook(_unrounded)


def _unrounded(module: nn.Module, given: Any, mapped: Tensor) -> Tensor:
    return mapped.to(next(module.parameters()).dtype)
