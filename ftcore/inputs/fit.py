"""Checks that a network takes the inputs of the task."""

from pathlib import Path

from ftcore.contract.network import Architecture
from ftcore.errors import ModelError
from ftcore.models import CONFIG


def check_input(folder: Path, architecture: Architecture, given: str) -> None:
    """Check that a network reads the given kind of input.

    Args:
        folder: the folder that describes the network.
        architecture: the network's architecture.
        given: tokens, images, vectors or features.

    Raises:
        ModelError: the network reads another kind of input.
    """
    if architecture.reads != given:
        raise ModelError(
            f"{folder / CONFIG}: the {architecture.family} that it describes reads {architecture.reads}, "
            f"but the task gives {given}"
        )
