"""Runs `ftcore compare` with every backend in this process, wrong ones among them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ftcore import library
from ftcore.cli.main import main
from ftcore.comparison import Comparison, processes
from ftcore.contract import Backend, discovery
from ftcore.helpers import ChildError, Ended

REFERENCE = "torch"


def compare_with(
    spec: Path, controls: Sequence[Callable[[Backend], Backend]], right: Backend, patch: pytest.MonkeyPatch
) -> Comparison:
    """Compare the reference with wrong backends, which are registered by the names of their classes."""
    wrong = {control.__name__: control for control in controls}
    known = discovery.load

    def load(name: str) -> Backend:
        if name not in wrong:
            return known(name)
        found = wrong[name](right)
        found.name = name
        return found

    def run_here(what: str, name: str, arguments: Sequence[str]) -> None:
        if code := main(arguments):
            raise ChildError(f"{what} failed", code)

    patch.setattr(discovery, "load", load)
    patch.setattr(discovery, "check_installed", lambda name: None)
    patch.setattr(processes, "run_module", run_here)
    # After "python -P -m ftcore".
    patch.setattr(processes, "captured", lambda command: Ended(main(command[4:])))
    return library.compare(spec, [REFERENCE, *wrong], spec.parent / "out")
