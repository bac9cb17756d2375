"""Checks that the network of a spec can take tokens."""

from pathlib import Path

from ftcore.contract.network import Architecture
from ftcore.inputs.base import Request, WholeSpec
from ftcore.inputs.fit import check_input
from ftcore.models import OwnModule
from ftcore.parts import Place, Problems


def reads_tokens(architecture: Architecture) -> bool:
    """Return whether a network reads tokens."""
    return architecture.reads == "tokens"


def check_reads(request: Request) -> None:
    """Check that the network of a spec reads tokens; a user's own module is not checked.

    Raises:
        ModelError: the network reads another kind of input.
    """
    if request.own_module:
        return
    check_tokens(*request.source.described())


def check_tokens(folder: Path, architecture: Architecture) -> None:
    """Check that the network that a folder describes reads tokens.

    Raises:
        ModelError: the network reads another kind of input.
    """
    check_input(folder, architecture, "tokens")


def module_problems(spec: WholeSpec, pair: str) -> Problems:
    """Return what is missing or impossible in a spec with a user's own module that reads tokens."""
    model = spec.model
    if not isinstance(model, OwnModule) or model.module is None:
        return []
    unfit: dict[Place, tuple[bool, str]] = {
        ("model", "tokenizer"): (
            model.tokenizer is None,
            "needed with module: a model location with tokenizer.json",
        ),
        ("data", "pair"): (pair == "separate", "given separate; allowed for a module: joint"),
    }
    return [(place, text) for place, (wrong, text) in unfit.items() if wrong]
