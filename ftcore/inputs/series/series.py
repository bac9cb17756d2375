"""Defines the input of series of vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from ftcore.contract.network import Architecture
from ftcore.data import NUMBERS, DataSpec, Form, Splits
from ftcore.inputs.base import Notify, Preparer, Request, WholeSpec
from ftcore.inputs.fit import check_input
from ftcore.inputs.series.channels import STANDARDIZATION, VectorInput, vector_input
from ftcore.inputs.series.loader import SeriesLoader
from ftcore.inputs.series.store import SeriesDataset
from ftcore.models import DESCRIPTION, ModelPlan, ModelSpec, read_raw_description
from ftcore.parts import Problems, SpecPart, part


class Standardize(SpecPart):
    """How the numbers of a series are scaled."""

    standardize: bool = Field(
        False,
        description="Subtract train's mean of each channel and divide by its deviation; stored with the model.",
    )


class SeriesPreparer(Preparer):
    """Prepares series for one network.

    Args:
        takes: the vectors that the network takes.
        standardizes: whether every split is standardized by train's mean and deviation.
    """

    def __init__(self, takes: VectorInput, standardizes: bool = False) -> None:
        self.takes = takes
        self.standardizes = standardizes

    def loader(self, base: Path, notify: Notify) -> SeriesLoader:
        """Return the loader of series."""
        return SeriesLoader(self.takes, base, notify)

    def settled(self, splits: Splits) -> Splits:
        """Return the splits, standardized by train alone, without the examples held out of it."""
        series = {name: split for name, split in splits.items() if isinstance(split, SeriesDataset)}
        if not self.standardizes:
            return splits
        numbers = series["train"].channel_numbers()
        return {name: split.standardized(numbers) for name, split in series.items()}

    def described(self, splits: Splits) -> dict[str, Any]:
        """Return this input's fields of ftcore.json."""
        train = splits["train"]
        if not isinstance(train, SeriesDataset) or train.standardization is None:
            return {}
        return {STANDARDIZATION: asdict(train.standardization)}


class Series:
    """One series of vectors per example: a recording, a curve, measurements over time."""

    name: ClassVar[str] = "series"
    probe_pooling: ClassVar[None] = None
    takes_modules: ClassVar[bool] = False
    tabular: ClassVar[bool] = True
    forms: tuple[Form, ...] = ((NUMBERS,),)
    parts: tuple[type[SpecPart], ...] = (Standardize,)

    def pair(self, data: SpecPart) -> str:
        """Return "joint"."""
        return "joint"

    def reads(self, architecture: Architecture) -> bool:
        """Return whether a network reads series of vectors."""
        return architecture.reads == "vectors"

    def tokenizers(self, model: ModelSpec, data: DataSpec, base: Path) -> None:
        """Return None: the network reads no tokens."""

    def problems(self, spec: WholeSpec) -> Problems:
        """Return a problem if a pretrained network would get another standardization than in its training."""
        if not part(spec.data, Standardize).standardize or spec.model.pretrained is None:
            return []
        text = "is only for a network from scratch; a pretrained one keeps its mean and deviation: leave it out"
        return [(("data", "standardize"), text)]

    def preparer(self, request: Request) -> SeriesPreparer:
        """Return the preparer for the network of a spec."""
        folder, found = request.source.described()
        check_input(folder, found, "vectors")
        stored = {} if request.model.pretrained is None else read_raw_description(folder) or {}
        takes = vector_input(found, folder / DESCRIPTION, stored)
        return SeriesPreparer(takes, part(request.data, Standardize).standardize)

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> SeriesPreparer:
        """Return the preparer of a finished model."""
        return SeriesPreparer(vector_input(plan.network.architecture, folder / DESCRIPTION, description))

    def undescribed(self, longest: int) -> dict[str, Any]:
        """Return {}: a model folder without ftcore.json needs no further fields."""
        return {}

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return nothing: `vector_input` checks the standardization against the network."""
        return []
