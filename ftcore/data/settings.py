"""Defines the fields of the spec's `data` part that all tasks share."""

from typing import Annotated, Literal

from annotated_types import Interval
from pydantic import BeforeValidator, Field

from ftcore.parts import Problems, SpecPart

Location = Annotated[str, Field(min_length=1)]
Files = Location | Annotated[list[Location], Field(min_length=1)]
Split = Files | Annotated[float, Interval(gt=0, lt=1)]


def _column(given: object) -> object:
    """Return the number of a column as its name."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


class DataSpec(SpecPart):
    """Where the examples are, and how a row is read."""

    train: Files = Field(
        description="A file (csv, tsv, jsonl, json, conll, these also with .gz, .bz2 or .zst; parquet, arrow, xlsx, "
        "sqlite), a pattern such as train-*.csv, a saved datasets folder or a hub name; or a list of them, read one "
        "after the other. Images: also a folder with one subfolder per class. Images and series: also a .npz file. "
        "Tensors: only a .npz file or a folder of .npy files.",
    )
    validation: Split | None = Field(None, description="Files as for train, or a fraction of train to hold out.")
    test: Split | None = Field(None, description="Files as for train, or a fraction of train to hold out.")
    columns: dict[str, Annotated[str, BeforeValidator(_column, json_schema_input_type=str | int)]] = Field(
        default_factory=dict,
        description="The files' column names, or numbers from 1 without names, by ftcore's names. The columns weight, "
        "group and split_column are read only if they are named here.",
    )
    split_duplicates: Literal["together", "apart"] | None = Field(
        None,
        description="Whether rows with equal content stay on one side where a fraction of train is held out. Default: "
        "together; apart for runs and specs that earlier versions wrote.",
    )
    on_bad_row: Literal["stop", "skip"] = Field("stop", description="skip lists bad rows in rejected.jsonl.")

    def _problems(self) -> Problems:
        fractions = [part for part in (self.validation, self.test) if isinstance(part, float)]
        if sum(fractions) < 1:
            return []
        return [(("test",), f"validation and test take {sum(fractions):g} of train: together they must be below 1")]
