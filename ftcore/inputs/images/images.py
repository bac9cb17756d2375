"""Defines the input of images."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ftcore.contract.network import Architecture
from ftcore.data import IMAGE, DataSpec, Form
from ftcore.inputs.base import Notify, Preparer, Request, WholeSpec
from ftcore.inputs.fit import check_input
from ftcore.inputs.images.loader import ImageLoader
from ftcore.inputs.images.processor import ImageProcessor, processor_from_scratch, read_processor, save_processor
from ftcore.models import ModelPlan, ModelSpec
from ftcore.parts import Problems, SpecPart


class ImagePreparer(Preparer):
    """Prepares images for one network.

    Args:
        processor: how the images are prepared.
    """

    def __init__(self, processor: ImageProcessor) -> None:
        self.processor = processor

    def loader(self, base: Path, notify: Notify) -> ImageLoader:
        """Return the loader of images."""
        return ImageLoader(self.processor, base, notify)

    def write_files(self, plan: ModelPlan, folder: Path) -> None:
        """Write preprocessor_config.json, which describes how images are prepared."""
        save_processor(plan, folder)


class Images:
    """One image per example."""

    name: ClassVar[str] = "images"
    probe_pooling: ClassVar[None] = None
    takes_modules: ClassVar[bool] = False
    tabular: ClassVar[bool] = True
    forms: tuple[Form, ...] = ((IMAGE,),)
    parts: tuple[type[SpecPart], ...] = ()

    def pair(self, data: SpecPart) -> str:
        """Return "joint"."""
        return "joint"

    def reads(self, architecture: Architecture) -> bool:
        """Return whether a network reads images."""
        return architecture.reads == "images"

    def tokenizers(self, model: ModelSpec, data: DataSpec, base: Path) -> None:
        """Return None: the network reads no tokens."""

    def problems(self, spec: WholeSpec) -> Problems:
        """Return nothing."""
        return []

    def preparer(self, request: Request) -> ImagePreparer:
        """Return the preparer for the network of a spec."""
        folder, found = request.source.described()
        check_input(folder, found, "images")
        read = read_processor if request.model.from_scratch is None else processor_from_scratch
        return ImagePreparer(read(folder, found))

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> ImagePreparer:
        """Return the preparer of a finished model."""
        return ImagePreparer(read_processor(folder, plan.network.architecture))

    def undescribed(self, longest: int) -> dict[str, Any]:
        """Return {}: a model folder without ftcore.json needs no further fields."""
        return {}

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return nothing: this input has no fields."""
        return []
