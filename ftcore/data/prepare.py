"""Loads and checks a run's files and splits them into train, validation and test."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ftcore.data.collector import Learnable
from ftcore.data.columns import ColumnRules
from ftcore.data.dataset import CountedDataset
from ftcore.data.division import Division, Rows
from ftcore.data.files import load_file
from ftcore.data.forms import ROW_COLUMNS, SCORE, WEIGHT, Form
from ftcore.data.loaded import LoadedFile, Loader
from ftcore.data.reading import Reading
from ftcore.data.rejections import first_rejections, write_rejections
from ftcore.data.reports import SplitReport, overlap, report
from ftcore.data.row_columns import SPLITS
from ftcore.data.settings import DataSpec
from ftcore.data.table_format import conditions_of, format_of
from ftcore.errors import DataError

Notify = Callable[[str], None]
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
        division: how fractions were held out of train, for environment.json.
    """

    splits: Splits
    labels: list[str]
    form: Form
    files: dict[str, str]
    reports: dict[str, SplitReport]
    overlap: dict[str, int]
    rejected_file: Path | None
    division: Mapping[str, Any] = field(default_factory=dict)

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

    def reading(
        self, spec: DataSpec, labels: Sequence[str] | None, form: Form = (), about: tuple[str, ...] = (WEIGHT,)
    ) -> Reading:
        """Return how to read a file.

        Args:
            spec: the `data` part.
            labels: the labels in order, or None if the file decides them.
            form: the columns of an example, if another file has decided them.
            about: ftcore's names of the columns about rows that are read.
        """
        target = self.target.configured(spec)
        forms = (form,) if form else self.forms
        where = conditions_of(spec)
        rules = ColumnRules(
            *(spec.columns, self.pair, target.column or None, forms, target.free_columns, about),
            chosen_by=tuple(condition.column for condition in where),
        )
        learned = target if target.column else None
        return Reading(rules, learned, labels, spec.on_bad_row, format_of(spec), where)


def prepare(
    loader: Loader,
    asked: Asked,
    spec: DataSpec,
    labels: Sequence[str] | None,
    seed: int,
    notify: Notify,
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
    files, division = _load_files(spec, asked, labels, loader), _division(spec, seed)
    for note in _notes(files):
        notify(note)
    found = files["train"].stored.labels
    splits = settled(_splits(asked.target, files, division, notify))
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
        division=division.described(),
    )


def _division(spec: DataSpec, seed: int) -> Division:
    every = {"validation": spec.validation, "test": spec.test}
    given = {split: place for split, place in every.items() if place is not None}
    fractions = {split: place for split, place in given.items() if isinstance(place, float)}
    return Division(fractions, list(given), seed, spec.split_duplicates != "apart")


def _notes(files: Mapping[str, LoadedFile]) -> list[str]:
    """Return how the files were read; what is the same for several files is said once, with the first."""
    said: dict[str, str] = {}
    for file in files.values():
        for note in file.stored.notes:
            said.setdefault(note, file.name)
        for renamed in file.facts.renamed:
            said.setdefault(f"the split {renamed}", file.name)
    return [f"{name}: {note}" for note, name in said.items()]


def _load_files(spec: DataSpec, asked: Asked, labels: Sequence[str] | None, loader: Loader) -> dict[str, LoadedFile]:
    """Load train, then the other files with the labels and text columns of train."""
    target = asked.target
    train = load_file(loader, spec.train, asked.reading(spec, labels, about=ROW_COLUMNS))
    target.check_labels(train.stored.labels, train.name)
    following = asked.reading(spec, train.stored.labels, () if target.free_columns else train.stored.form)
    given = {"validation": spec.validation, "test": spec.test}
    loaded = {
        "train": train,
        **{
            split: load_file(loader, place, following)
            for split, place in given.items()
            if isinstance(place, str | list)
        },
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
        if own not in (*read, *ROW_COLUMNS):
            raise DataError(
                f"data.columns.{own}: the column {column!r} is not read from any file: name another, or leave it out"
            )


def _splits(target: Learnable, files: Mapping[str, LoadedFile], division: Division, notify: Notify) -> Splits:
    """Return the splits in their usual order: files of their own, and the parts of the training file."""
    train = files["train"]
    rows = Rows(train.dataset, target.strata(train.dataset.targets), train.facts)
    own = {split: file.dataset for split, file in files.items() if split != "train"}
    found = {**own, **rows.divide(division, notify)}
    return {split: found[split] for split in SPLITS if split in found}


def _report(dataset: CountedDataset, labels: Sequence[str], file: LoadedFile | None) -> SplitReport:
    if file is None:
        return report(dataset, labels, [], 0)
    return report(dataset, labels, first_rejections(file.name, file.stored), file.stored.rejected)
