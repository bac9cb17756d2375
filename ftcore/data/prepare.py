"""Everything between a spec's `data` part and the data sets that the loop trains and evaluates on."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftcore.data.columns import ColumnRules
from ftcore.data.dataset import Dataset
from ftcore.data.rejections import first_rejections, write_rejections
from ftcore.data.reports import SplitReport, overlap, report
from ftcore.data.sources import open_source
from ftcore.data.split import held_out
from ftcore.data.store import StoredSplit, TokenDataset
from ftcore.data.tokenising import Notify, Reading, tokenised
from ftcore.data.tokenizer import Tokenizer
from ftcore.errors import DataError
from ftcore.spec.data import DataSpec
from ftcore.tasks import Task


@dataclass(frozen=True)
class PreparedData:
    """A run's data, read, checked and tokenised.

    Attributes:
        train, validation, test: the splits; None where the spec gives none.
        labels: in order; [] for a task without.
        files: the file as the spec names it, to its SHA-256.
        reports: what is in each split.
        overlap: "train/test" and the like: rows of the second whose text the first has as well.
        rejected_file: lists every bad row that was skipped, one JSON object a line; None where there is none.
    """

    train: Dataset
    validation: Dataset | None
    test: Dataset | None
    labels: list[str]
    files: dict[str, str]
    reports: dict[str, SplitReport]
    overlap: dict[str, int]
    rejected_file: Path | None


@dataclass(frozen=True)
class LoadedFile:
    """A file of the spec.

    Attributes:
        name: as the spec has it.
        sha256: of its content.
        stored: its examples.
    """

    name: str
    sha256: str
    stored: StoredSplit


def prepare(
    spec: DataSpec, task: Task, tokenizer: Tokenizer, base: Path, seed: int, notify: Notify
) -> PreparedData:
    """Read, check, tokenise and split a run's data.

    Args:
        spec: the `data` part.
        task: what is learned.
        tokenizer: the model's.
        base: what relative paths are relative to.
        seed: of the run, for what is held out.
        notify: told what the user should know.

    Raises:
        DataError: a file or, unless the spec skips it, a row is wrong.
    """
    reading = _reading(spec, task, spec.labels)
    train = _load(spec.train, reading, tokenizer, base, notify)
    labels = train.stored.labels
    _check_labels(task, labels, spec.train)
    following = Reading(
        ColumnRules(spec.columns, spec.pair, task.target, train.stored.form), task, labels, spec.on_bad_row
    )
    files = {"train": train}
    for split, location in (("validation", spec.validation), ("test", spec.test)):
        if isinstance(location, str):
            files[split] = _load(location, following, tokenizer, base, notify)
    splits = {split: _whole(file.stored, tokenizer) for split, file in files.items()}
    splits |= _held_out_splits(spec, task, splits["train"], seed)
    reports = {
        split: report(dataset, labels, files[split].stored.rejected if split in files else 0, _first(files, split))
        for split, dataset in splits.items()
    }
    for split, found in reports.items():
        notify(f"{split}: {found.summary(tokenizer.max_length)}")
    return PreparedData(
        train=splits["train"],
        validation=splits.get("validation"),
        test=splits.get("test"),
        labels=labels,
        files={file.name: file.sha256 for file in files.values()},
        reports=reports,
        overlap={
            f"{one}/{other}": overlap(splits[one], splits[other])
            for one, other in itertools.combinations([name for name in ORDER if name in splits], 2)
        },
        rejected_file=write_rejections({file.name: file.stored for file in files.values()}),
    )


ORDER = ("train", "validation", "test")
