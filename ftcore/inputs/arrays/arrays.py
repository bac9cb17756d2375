"""Defines the input of ready arrays, which the network takes unchanged."""

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
    """Checks arrays for one network.

    Args:
        takes: the inputs of the network and its loss.
    """

    def __init__(self, takes: ArrayInputs) -> None:
        self.takes = takes

    def loader(self, base: Path, notify: Notify) -> ArrayLoader:
        """Return the loader of arrays."""
        return ArrayLoader(self.takes, base)

    def check_stream(self, is_stream: bool) -> None:
        """Raise DataError if arrays are to be read from standard input."""
        if is_stream:
            raise DataError("arrays cannot be read from standard input: give a .npz file, or a folder of .npy files")


class Arrays:
    """Ready arrays for any network."""

    name: ClassVar[str] = "arrays"
    probe_pooling: ClassVar[None] = None
    takes_modules: ClassVar[bool] = True
    tabular: ClassVar[bool] = False
    forms: tuple[Form, ...] = ()
    parts: tuple[type[SpecPart], ...] = ()

    def pair(self, data: SpecPart) -> str:
        """Return "joint"."""
        return "joint"

    def reads(self, architecture: Architecture) -> bool:
        """Return False: arrays alone do not tell which task a network is for."""
        return False

    def tokenizers(self, model: ModelSpec, data: DataSpec, base: Path) -> None:
        """Return None: the network reads no tokens."""

    def problems(self, spec: WholeSpec) -> Problems:
        """Return the fields that are only for rows or texts."""
        found: Problems = []
        if spec.data.on_bad_row == "skip":
            found.append((("data", "on_bad_row"), "arrays are taken whole: leave it out"))
        if getattr(spec.model, "tokenizer", None) is not None:
            found.append((("model", "tokenizer"), "is for texts: leave it out"))
        return found

    def preparer(self, request: Request) -> ArrayPreparer:
        """Return the preparer for the network of a spec."""
        architecture = None if request.own_module else request.source.described()[1]
        return ArrayPreparer(array_inputs(architecture, request.loss))

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> ArrayPreparer:
        """Return the preparer of a finished model."""
        return ArrayPreparer(array_inputs(plan.network.architecture, loss))

    def undescribed(self, longest: int) -> dict[str, Any]:
        """Return {}: a model folder without ftcore.json needs no further fields."""
        return {}

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return nothing: this input has no fields."""
        return []
