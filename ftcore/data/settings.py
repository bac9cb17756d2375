"""The fields of the spec's `data` part that every task has."""

from typing import Annotated, Literal

from annotated_types import Interval
from pydantic import Field

from ftcore.parts import Problems, SpecPart

Split = str | Annotated[float, Interval(gt=0, lt=1)]


class DataSpec(SpecPart):
    """Where the examples are, and how a row is read."""

    train: str = Field(
        min_length=1,
        description="A file (csv, tsv, jsonl, json, parquet, arrow, conll), a saved datasets folder or a hub name; of "
        "images also a folder with a subfolder for each class; of images and series also a .npz file; of tensors "
        "only that, or a folder of .npy files.",
    )
    validation: Split | None = Field(None, description="A file, or a fraction of train, held out by seed.")
    test: Split | None = Field(None, description="A file, or a fraction of train, held out by seed.")
    columns: dict[str, str] = Field(default_factory=dict, description="ftcore's name: the file's name.")
    on_bad_row: Literal["stop", "skip"] = Field("stop", description="skip counts bad rows and writes rejected.jsonl.")

    def _problems(self) -> Problems:
        fractions = [part for part in (self.validation, self.test) if isinstance(part, float)]
        if sum(fractions) < 1:
            return []
        return [(("test",), f"validation and test take {sum(fractions):g} of train: together they must be below 1")]
