"""Whether a network takes the inputs that it is to be given."""

from pathlib import Path

from ftcore.contract.network import Architecture
from ftcore.errors import ModelError
from ftcore.models import CONFIG


def check_input(folder: Path, architecture: Architecture, given: str) -> None:
    """Check that a network reads what it is given.

    Args:
        folder: describes the network.
        architecture: of it.
        given: tokens, images, vectors or features.

    Raises:
        ModelError: it reads something else.
    """
    if architecture.reads != given:
        raise ModelError(
            f"{folder / CONFIG}: the {architecture.family} that it describes reads {architecture.reads}, where {given} "
            "are given"
        )
