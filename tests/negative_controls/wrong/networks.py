"""Changing how the config of a transformer is read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ftcore.contract import Program
from ftcore.contract.network import Network, Transformer


def transformer(program: Program) -> Transformer | None:
    """Return the body where it is a transformer."""
    network = program.network
    body = network.architecture.body if isinstance(network, Network) else None
    return body if isinstance(body, Transformer) else None


def with_body(program: Program, body: Transformer, config: Mapping[str, Any]) -> Program:
    """Return the program with another body, and the config fields that say the same."""
    architecture = program.network.architecture
    changed = replace(architecture, body=body, config={**architecture.config, **config})
    return replace(program, network=replace(program.network, architecture=changed))
