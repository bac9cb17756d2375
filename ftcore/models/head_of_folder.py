"""Finds the head for a task that a folder's ftcore.json or config.json names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftcore.contract.network import Architecture, Network
from ftcore.models.heads import AnswerSpanHead, HeadKind, SequenceHead, TokenClassifierHead
from ftcore.models.heads.base import Described
from ftcore.models.settings import ModelSpec

Named = SequenceHead | TokenClassifierHead | AnswerSpanHead
HEADS: dict[str, type[Named]] = {kind.name: kind for kind in (SequenceHead, TokenClassifierHead, AnswerSpanHead)}


def described_head(fields: Mapping[str, Any]) -> HeadKind:
    """Return the head with these fields of ftcore.json: `head`, the name of its kind, `outputs` and `pair`."""
    return HEADS[fields["head"]].described(fields)


def named_head(folder: Path, config: Mapping[str, Any], architecture: Architecture) -> dict[str, Any] | None:
    """Return what ftcore.json would say of the head that a config names; None if it names no head for a task.

    Args:
        folder: holds config.json.
        config: its content.
        architecture: the architecture in the config.
    """
    head = next((found for kind in HEADS.values() if (found := kind.of_config(config)) is not None), None)
    if head is None:
        return None
    described = Described(folder, config, architecture, ModelSpec(pretrained=str(folder)), {})
    return head.facts(Network(architecture, head.head(described)))
