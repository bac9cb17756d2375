"""Loads and checks a run's files and splits them into train, validation and test."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftcore.data.collector import Learnable
from ftcore.data.columns import ColumnRules
from ftcore.data.dataset import CountedDataset
from ftcore.data.forms import SCORE, Form
from ftcore.data.loaded import LoadedFile, Loader
from ftcore.data.reading import Reading
from ftcore.data.rejections import first_rejections, write_rejections
from ftcore.data.reports import SplitReport, overlap, report
from ftcore.data.settings import DataSpec
from ftcore.data.split import held_out
from ftcore.errors import DataError

Splits = Mapping[str, CountedDataset]
"""The datasets of a run: "train" and, if given, "validation" and "test"."""


@dataclass(frozen=True)
class PreparedData:
    """A run's data, read, checked and prepared.

    Attributes:
        splits: "train" and, if the spec gives them, "validation" and "test".
        labels: the labels in order; [] for a target without labels.
        form: ftcore's names of the columns of an example of train: ("text",) or ("text_a", "text_b"); () without texts.
        files: the SHA-256 of each file's content, by the name in the spec.
        reports: the report of each split.
        overlap: by a pair of splits such as "train/test", the rows of the second whose inputs are also in the first.
        rejected_file: lists every skipped bad row, one JSON object per line; None if there is none.
    """

    splits: Splits
    labels: list[str]
    form: Form
    files: dict[str, str]
    reports: dict[str, SplitReport]
    overlap: dict[str, int]
    rejected_file: Path | None

    @property
    def train(self) -> CountedDataset:
        """The training split."""
        return self.splits["train"]

    @property
    def validation(self) -> CountedDataset | None:
        """The validation split, or None."""
        return self.splits.get("validation")

    @property
    def evaluated(self) -> Splits:
        """The validation and test splits that there are, by name."""
        return {name: split for name, split in self.splits.items() if name != "train"}

    @property
    def test(self) -> CountedDataset | None:
        """The test split, or None."""
        return self.splits.get("test")


@dataclass(frozen=True)
class Asked:
    """What to read of a file's rows.

    Attributes:
        target: what is learned.
        forms: the sets of columns that an example may be made of.
        pair: "joint" or "separate".
    """

    target: Learnable
    forms: tuple[Form, ...]
    pair: str = "joint"

    def reading(self, spec: DataSpec, labels: Sequence[str] | None, form: Form = ()) -> Reading:
        """Return how to read a file; `form` is given if another file has decided it."""
        target = self.target.configured(spec)
        forms = (form,) if form else self.forms
        rules = ColumnRules(spec.columns, self.pair, target.column or None, forms, target.free_columns)
        return Reading(rules, target if target.column else None, labels, spec.on_bad_row)


def prepare(
    loader: Loader,
    asked: Asked,
    spec: DataSpec,
    labels: Sequence[str] | None,
    seed: int,
    notify: Callable[[str], None],
    settled: Callable[[Splits], Splits] = dict,
) -> PreparedData:
    """Read, check, prepare and split a run's data.

    Args:
        loader: loads files for the run's model.
        asked: what to read of the rows.
        spec: the `data` part.
        labels: the labels in order, if the spec gives them.
        seed: the run's seed, for the draw of held-out rows.
        notify: called with messages for the user.
        settled: converts the splits once train is known.

    Raises:
        DataError: a file is wrong, or a row is and the spec does not skip bad rows.
    """
    files = _load_files(spec, asked, labels, loader)
    for note in _notes(files):
        notify(note)
    found = files["train"].stored.labels
    splits = settled(_splits(spec, asked.target, {split: file.dataset for split, file in files.items()}, seed))
    reports = {split: _report(dataset, found, files.get(split)) for split, dataset in splits.items()}
    for split, numbers in reports.items():
        notify(f"{split}: {numbers.summary()}")
    return PreparedData(
        splits=splits,
        labels=found,
        form=files["train"].stored.form,
        files={file.name: file.sha256 for file in files.values()},
        reports=reports,
        overlap={
            f"{one}/{other}": overlap(splits[one], splits[other]) for one, other in itertools.combinations(splits, 2)
        },
        rejected_file=write_rejections({file.name: file.stored for file in files.values()}),
    )


def _notes(files: Mapping[str, LoadedFile]) -> list[str]:
    """Return how the files were read; what is the same for several files is said once, with the first."""
    said: dict[str, str] = {}
    for file in files.values():
        for note in file.stored.notes:
            said.setdefault(note, file.name)
    return [f"{name}: {note}" for note, name in said.items()]


def _load_files(spec: DataSpec, asked: Asked, labels: Sequence[str] | None, loader: Loader) -> dict[str, LoadedFile]:
    """Load train, then the other files with the labels and text columns of train."""
    target = asked.target
    train = loader.load(spec.train, asked.reading(spec, labels))
    target.check_labels(train.stored.labels, spec.train)
    following = asked.reading(spec, train.stored.labels, () if target.free_columns else train.stored.form)
    given = {"validation": spec.validation, "test": spec.test}
    loaded = {
        "train": train,
        **{split: loader.load(place, following) for split, place in given.items() if isinstance(place, str)},
    }
    if target.free_columns:
        _check_columns(spec, list(loaded.values()))
    return loaded


def _check_columns(spec: DataSpec, loaded: Sequence[LoadedFile]) -> None:
    """Check that each column that the spec names is read from some file."""
    read = {own for file in loaded for own in file.stored.form}
    if any(file.dataset.targets.ndim == 2 and file.dataset.targets.shape[1] for file in loaded):
        read.add(SCORE)
    for own, column in spec.columns.items():
        if own not in read:
            raise DataError(
                f"data.columns.{own}: the column {column!r} is not read from any file: name another, or leave it out"
            )


def _splits(spec: DataSpec, target: Learnable, whole: Splits, seed: int) -> dict[str, CountedDataset]:
    """Return the splits in their usual order; splits given as fractions are held out of train."""
    train, found = whole["train"], dict(whole)
    for split, fraction in (("validation", spec.validation), ("test", spec.test)):
        if isinstance(fraction, float):
            rows = _rows(train)
            of_rest = fraction * len(_rows(whole["train"])) / len(rows)
            kept, held = (
                np.flatnonzero(np.isin(np.repeat(np.arange(len(rows)), rows), chosen))
                for chosen in held_out(len(rows), of_rest, seed, target.strata(train.targets), split)
            )
            train, found[split] = train.subset(kept), train.subset(held)
    found["train"] = train
    return {split: found[split] for split in ("train", "validation", "test") if split in found}


def _rows(dataset: CountedDataset) -> np.ndarray:
    """Return the number of examples of each row, int64 [rows]; the parts of a text or sentence stay together."""
    return np.ones(len(dataset), np.int64) if dataset.parts is None else dataset.parts


def _report(dataset: CountedDataset, labels: Sequence[str], file: LoadedFile | None) -> SplitReport:
    if file is None:
        return report(dataset, labels, [], 0)
    return report(dataset, labels, first_rejections(file.name, file.stored), file.stored.rejected)
