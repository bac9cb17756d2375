"""Ready arrays, given to a network as they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ftcore.contract.network import Architecture
from ftcore.data import DataSpec, Form
from ftcore.errors import DataError
from ftcore.inputs.arrays.loader import ArrayLoader
from ftcore.inputs.arrays.shapes import ArrayInputs, array_inputs
from ftcore.inputs.base import Notify, Preparer, Request, WholeSpec
from ftcore.models import ModelPlan, ModelSpec
from ftcore.parts import Problems, SpecPart


class ArrayPreparer(Preparer):
    """Checks arrays.

    Args:
        takes: what the network takes, and what its loss reads.
    """

    def __init__(self, takes: ArrayInputs) -> None:
        self.takes = takes

    def loader(self, base: Path, notify: Notify) -> ArrayLoader:
        """Return what opens arrays."""
        return ArrayLoader(self.takes, base)

    def check_stream(self, is_stream: bool) -> None:
        """Raise DataError where arrays are to be read from standard input."""
        if is_stream:
            raise DataError("arrays cannot be read from standard input: give a .npz file, or a folder of .npy files")


class Arrays:
    """Ready arrays for whichever network it is."""

    name: ClassVar[str] = "arrays"
    probe_pooling: ClassVar[None] = None
    takes_modules: ClassVar[bool] = True
    forms: tuple[Form, ...] = ()
    parts: tuple[type[SpecPart], ...] = ()

    def pair(self, data: SpecPart) -> str:
        """Return "joint"."""
        return "joint"

    def reads(self, architecture: Architecture) -> bool:
        """Return False: arrays alone do not say which task a network is for."""
        return False

    def tokenizers(self, model: ModelSpec, data: DataSpec, base: Path) -> None:
        """Return None: the network reads no tokens."""

    def problems(self, spec: WholeSpec) -> Problems:
        """Return what is for rows and texts."""
        found: Problems = []
        if spec.data.on_bad_row == "skip":
            found.append((("data", "on_bad_row"), "arrays are taken whole: leave it out"))
        if getattr(spec.model, "tokenizer", None) is not None:
            found.append((("model", "tokenizer"), "is for texts: leave it out"))
        return found

    def preparer(self, request: Request) -> ArrayPreparer:
        """Return what checks arrays for the network of a spec."""
        architecture = None if request.own_module else request.source.described()[1]
        return ArrayPreparer(array_inputs(architecture, request.loss))

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> ArrayPreparer:
        """Return the preparer of a finished model."""
        return ArrayPreparer(array_inputs(plan.network.architecture, loss))

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return nothing: it has no fields."""
        return []
