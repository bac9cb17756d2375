"""Everything between a spec's `data` part and the data sets that the loop trains and evaluates on."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ftcore.data.columns import ColumnRules
from ftcore.data.dataset import CountedDataset
from ftcore.data.forms import SCORE, TEXTS, Form
from ftcore.data.loaded import LoadedFile, Loader
from ftcore.data.rejections import first_rejections, write_rejections
from ftcore.data.reports import SplitReport, overlap, report
from ftcore.data.sources import open_source
from ftcore.data.split import held_out
from ftcore.errors import DataError
from ftcore.inputs.arrays.loader import ArrayLoader
from ftcore.inputs.arrays.shapes import ArrayInputs
from ftcore.inputs.images.loader import ImageLoader
from ftcore.inputs.images.processor import ImageProcessor
from ftcore.inputs.language.dataset import LanguageExamples
from ftcore.inputs.series.channels import VectorInput
from ftcore.inputs.series.loader import VectorLoader
from ftcore.inputs.series.standardizing import standardized
from ftcore.inputs.tokens.store import TokenDataset
from ftcore.inputs.tokens.tokenising import Reading, tokenised
from ftcore.spec.data import DataSpec
from ftcore.tasks import AnyTask, Task
from ftcore.text import Tokenizer

Preparer = Tokenizer | ImageProcessor | VectorInput | ArrayInputs
"""What makes a network's inputs of a row."""


@dataclass(frozen=True)
class PreparedData:
    """A run's data, read, checked and prepared.

    Attributes:
        train, validation, test: the splits; None where the spec gives none.
        labels: in order; [] for a task without.
        form: ftcore's names of the texts of an example of train: ("text",) or ("text_a", "text_b"); () without texts.
        files: each file as the spec names it, to the SHA-256 of its content.
        reports: what is in each split.
        overlap: "train/test" and the like: rows of the second whose texts, images or sequences the first has as well.
        rejected_file: lists every bad row that was skipped, one JSON object a line; None where there is none.
    """

    train: CountedDataset
    validation: CountedDataset | None
    test: CountedDataset | None
    labels: list[str]
    form: tuple[str, ...]
    files: dict[str, str]
    reports: dict[str, SplitReport]
    overlap: dict[str, int]
    rejected_file: Path | None

    @property
    def splits(self) -> dict[str, CountedDataset]:
        """The splits that the spec gives, by name."""
        given = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: split for name, split in given.items() if split is not None}


@dataclass(frozen=True)
class TextLoader:
    """Loads files for one tokenizer.

    Attributes:
        tokenizer: the model's.
        base: what relative paths are relative to.
        notify: told what the user should know.
        every_subword: whether all tokens of a word have its label, or its first one alone.
    """

    tokenizer: Tokenizer
    base: Path
    notify: Callable[[str], None]
    every_subword: bool = False

    def load(self, location: str, reading: Reading) -> LoadedFile:
        """Read, check and tokenise a file, or find it in the cache."""
        source = open_source(location, self.base)
        sha256 = source.sha256()
        stored, tokenizer = tokenised(source, sha256, reading, self.tokenizer, self.notify), self.tokenizer
        arrays = stored.arrays
        if arrays.words is not None:
            arrays = replace(arrays, words=replace(arrays.words, every_subword=self.every_subword))
        dataset = TokenDataset(arrays, tokenizer.max_length, tokenizer.pad_token_id)
        return LoadedFile(location, sha256, stored, dataset)


def prepare(
    spec: DataSpec, task: Task, preparer: Preparer, base: Path, seed: int, notify: Callable[[str], None]
) -> PreparedData:
    """Read, check, prepare and split a run's data.

    Args:
        spec: the `data` part.
        task: what is learned.
        preparer: the model's.
        base: what relative paths are relative to.
        seed: of the run, for what is held out.
        notify: told what the user should know.

    Raises:
        DataError: a file or, unless the spec skips it, a row is wrong.
    """
    return prepare_by(_loader(preparer, base, notify, spec.label_subwords == "all"), spec, task, seed, notify)


def prepare_by(loader: Loader, spec: DataSpec, task: AnyTask, seed: int, notify: Callable[[str], None]) -> PreparedData:
    """Read, check, prepare and split a run's data.

    Args:
        loader: loads files for the run's model.
        spec: the `data` part.
        task: what is learned.
        seed: of the run, for what is held out.
        notify: told what the user should know.

    Raises:
        DataError: a file or, unless the spec skips it, a row is wrong.
    """
    files = _load_files(spec, task, loader)
    labels = files["train"].stored.labels
    splits = _splits(spec, task, {split: file.dataset for split, file in files.items()}, seed)
    if spec.standardize:
        splits = standardized(splits)
    reports = {split: _report(dataset, labels, files.get(split)) for split, dataset in splits.items()}
    for split, found in reports.items():
        notify(f"{split}: {found.summary()}")
    return PreparedData(
        train=splits["train"],
        validation=splits.get("validation"),
        test=splits.get("test"),
        labels=labels,
        form=files["train"].stored.form,
        files={file.name: file.sha256 for file in files.values()},
        reports=reports,
        overlap={
            f"{one}/{other}": overlap(splits[one], splits[other]) for one, other in itertools.combinations(splits, 2)
        },
        rejected_file=write_rejections({file.name: file.stored for file in files.values()}),
    )


def prepare_inputs(
    path: str, columns: Mapping[str, str], pair: str, preparer: Preparer, base: Path, forms: tuple[Form, ...] = TEXTS
) -> CountedDataset:
    """Read a file without targets; a column of them is ignored.

    Args:
        path: the file.
        columns: ftcore's name to the file's.
        pair: "joint" or "separate".
        preparer: the model's.
        base: what a relative path is relative to.
        forms: the columns that a row may be made of.

    Raises:
        DataError: the file or a row is wrong.
    """
    loader = _loader(preparer, base, _say_nothing)
    rules = ColumnRules(columns, pair, None, forms)
    reading = Reading(rules, task=None, labels=None, on_bad_row="stop")
    return loader.load(path, reading).dataset


def prepare_evaluation(
    path: str, spec: DataSpec, task: Task, labels: Sequence[str], preparer: Preparer, base: Path
) -> CountedDataset:
    """Read a file with targets, as a run's training data was read.

    Args:
        path: the file.
        spec: how rows are read.
        task: what was learned.
        labels: of the model, in order.
        preparer: the model's.
        base: what a relative path is relative to.

    Raises:
        DataError: the file or, unless the spec skips it, a row is wrong.
    """
    loader = _loader(preparer, base, _say_nothing, spec.label_subwords == "all")
    return loader.load(path, _reading(spec, task, labels)).dataset


def prepare_file(loader: Loader, path: str, spec: DataSpec, task: AnyTask) -> CountedDataset:
    """Read a file of examples, as a run's training data was read.

    Args:
        loader: loads files for the model.
        path: the file.
        spec: how rows are read.
        task: what was learned.

    Raises:
        DataError: the file or, unless the spec skips it, a row is wrong.
    """
    return loader.load(path, _reading(spec, task, None)).dataset


def _loader(preparer: Preparer, base: Path, notify: Callable[[str], None], every_subword: bool = False) -> Loader:
    if isinstance(preparer, Tokenizer):
        return TextLoader(preparer, base, notify, every_subword)
    if isinstance(preparer, ArrayInputs):
        return ArrayLoader(preparer, base)
    if isinstance(preparer, VectorInput):
        return VectorLoader(preparer, base, notify)
    return ImageLoader(preparer, base, notify)


def _load_files(spec: DataSpec, task: AnyTask, loader: Loader) -> dict[str, LoadedFile]:
    """Load train, then the other files with the labels and the kind of texts that train has."""
    train = loader.load(spec.train, _reading(spec, task, spec.labels))
    labels = train.stored.labels
    if task.unit != "vocabulary":
        _check_labels(task, labels, spec.train)
    form = train.stored.form
    following = _reading(spec, task, labels, (form,) if form and not _is_free(task) else ())
    given = {"validation": spec.validation, "test": spec.test}
    loaded = {
        "train": train,
        **{split: loader.load(place, following) for split, place in given.items() if isinstance(place, str)},
    }
    if _is_free(task):
        _check_columns(spec, list(loaded.values()))
    return loaded


def _is_free(task: AnyTask) -> bool:
    """Return whether files may differ in the columns of their rows.

    Vectors can be measured otherwise than they are trained, on pairs with scores after triplets; and texts that are
    written by references that train has not.
    """
    return task.unit in ("vector", "vocabulary")


def _check_columns(spec: DataSpec, loaded: Sequence[LoadedFile]) -> None:
    """Check that each column that the spec names is read in some file."""
    read = {own for file in loaded for own in file.stored.form}
    if any(file.dataset.targets.ndim == 2 and file.dataset.targets.shape[1] for file in loaded):
        read.add(SCORE)
    for own, column in spec.columns.items():
        if own not in read:
            raise DataError(
                f"data.columns.{own}: of no file is a column {column!r} read: name another, or leave it out"
            )


def _reading(spec: DataSpec, task: AnyTask, labels: Sequence[str] | None, forms: tuple[Form, ...] = ()) -> Reading:
    """Return how a file is read; `forms` are the task's unless another file has decided."""
    rules = ColumnRules(spec.columns, spec.pair, task.target or None, forms or task.forms, _is_free(task))
    return Reading(rules, None if task.unit == "vocabulary" else task, labels, spec.on_bad_row, spec.overlap)


def _splits(spec: DataSpec, task: AnyTask, whole: Mapping[str, CountedDataset], seed: int) -> dict[str, CountedDataset]:
    """Return the splits in their usual order; those that are given as fractions are held out of train."""
    train, found = whole["train"], dict(whole)
    for split, fraction in (("validation", spec.validation), ("test", spec.test)):
        if isinstance(fraction, float):
            rows = _rows(train)
            of_rest = fraction * len(_rows(whole["train"])) / len(rows)
            strata = None if task.unit == "vocabulary" else task.strata(train.targets)
            kept, held = (
                np.flatnonzero(np.isin(np.repeat(np.arange(len(rows)), rows), chosen))
                for chosen in held_out(len(rows), of_rest, seed, strata, split)
            )
            train, found[split] = train.subset(kept), train.subset(held)
    found["train"] = train
    return {split: found[split] for split in ("train", "validation", "test") if split in found}


def _rows(dataset: CountedDataset) -> np.ndarray:
    """Return how many examples each row is, int64 [rows]: the parts of a text, or of a sentence, stay together."""
    if isinstance(dataset, LanguageExamples):
        return dataset.parts
    words = dataset.words
    return np.ones(len(dataset), np.int64) if words is None or words.parts is None else words.parts


def _report(dataset: CountedDataset, labels: Sequence[str], file: LoadedFile | None) -> SplitReport:
    if file is None:
        return report(dataset, labels, [], 0)
    return report(dataset, labels, first_rejections(file.name, file.stored), file.stored.rejected)


def _check_labels(task: Task, labels: Sequence[str], name: str) -> None:
    if task.outputs(labels) == 0 and task.unit != "vector":
        raise DataError(f"{name}: no row has a label, so there is nothing to learn")
    what = "word" if task.unit == "token" else "row"
    one_of_several = task.unit == "token" or task.problem_type == "single_label_classification"
    if one_of_several and len(labels) == 1:
        raise DataError(f"{name}: every {what} has the label {labels[0]!r}: a classification needs two or more")


def _say_nothing(text: str) -> None:
    """Take a word that nobody asked for."""
