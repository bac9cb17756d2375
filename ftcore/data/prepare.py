"""Everything between a spec's `data` part and the data sets that the loop trains and evaluates on."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ftcore.data.columns import WORDS, ColumnRules
from ftcore.data.rejections import first_rejections, write_rejections
from ftcore.data.reports import SplitReport, overlap, report
from ftcore.data.sources import open_source
from ftcore.data.split import held_out
from ftcore.data.store import StoredSplit, TokenDataset
from ftcore.data.tokenising import Reading, tokenised
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
        form: ftcore's names of the texts of an example: ("text",) or ("text_a", "text_b").
        files: each file as the spec names it, to the SHA-256 of its content.
        reports: what is in each split.
        overlap: "train/test" and the like: rows of the second whose texts the first has as well.
        rejected_file: lists every bad row that was skipped, one JSON object a line; None where there is none.
    """

    train: TokenDataset
    validation: TokenDataset | None
    test: TokenDataset | None
    labels: list[str]
    form: tuple[str, ...]
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


@dataclass(frozen=True)
class Loader:
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
        return LoadedFile(location, sha256, tokenised(source, sha256, reading, self.tokenizer, self.notify))

    def dataset(self, file: LoadedFile) -> TokenDataset:
        """Return all examples of a file."""
        arrays = file.stored.arrays
        if arrays.words is not None:
            arrays = replace(arrays, words=replace(arrays.words, every_subword=self.every_subword))
        return TokenDataset(arrays, self.tokenizer.max_length, self.tokenizer.pad_token_id)


def prepare(
    spec: DataSpec, task: Task, tokenizer: Tokenizer, base: Path, seed: int, notify: Callable[[str], None]
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
    loader = Loader(tokenizer, base, notify, spec.label_subwords == "all")
    files = _load_files(spec, task, loader)
    labels = files["train"].stored.labels
    splits = _splits(spec, task, {split: loader.dataset(file) for split, file in files.items()}, seed)
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
    path: str, columns: Mapping[str, str], pair: str, tokenizer: Tokenizer, base: Path, of_words: bool = False
) -> TokenDataset:
    """Read a file without targets; a column of them is ignored.

    Args:
        path: the file.
        columns: ftcore's name to the file's.
        pair: "joint" or "separate".
        tokenizer: the model's.
        base: what a relative path is relative to.
        of_words: whether rows are sentences given as words.

    Raises:
        DataError: the file or a row is wrong.
    """
    loader = Loader(tokenizer, base, _say_nothing)
    rules = ColumnRules(columns, pair, target=None, form=WORDS if of_words else None)
    reading = Reading(rules, task=None, labels=None, on_bad_row="stop")
    return loader.dataset(loader.load(path, reading))


def prepare_evaluation(
    path: str, spec: DataSpec, task: Task, labels: Sequence[str], tokenizer: Tokenizer, base: Path
) -> TokenDataset:
    """Read a file with targets, as a run's training data was read.

    Args:
        path: the file.
        spec: how rows are read.
        task: what was learned.
        labels: of the model, in order.
        tokenizer: the model's.
        base: what a relative path is relative to.

    Raises:
        DataError: the file or, unless the spec skips it, a row is wrong.
    """
    loader = Loader(tokenizer, base, _say_nothing, spec.label_subwords == "all")
    return loader.dataset(loader.load(path, _reading(spec, task, labels)))


def _load_files(spec: DataSpec, task: Task, loader: Loader) -> dict[str, LoadedFile]:
    """Load train, then the other files with the labels and the kind of texts that train has."""
    train = loader.load(spec.train, _reading(spec, task, spec.labels))
    labels = train.stored.labels
    _check_labels(task, labels, spec.train)
    following = _reading(spec, task, labels, train.stored.form)
    given = {"validation": spec.validation, "test": spec.test}
    return {
        "train": train,
        **{split: loader.load(place, following) for split, place in given.items() if isinstance(place, str)},
    }


def _reading(spec: DataSpec, task: Task, labels: Sequence[str] | None, form: tuple[str, ...] | None = None) -> Reading:
    form = WORDS if task.unit == "token" else form
    return Reading(ColumnRules(spec.columns, spec.pair, task.target, form), task, labels, spec.on_bad_row)


def _splits(spec: DataSpec, task: Task, whole: Mapping[str, TokenDataset], seed: int) -> dict[str, TokenDataset]:
    """Return the splits in their usual order; those that are given as fractions are held out of train."""
    train, found = whole["train"], dict(whole)
    for split, fraction in (("validation", spec.validation), ("test", spec.test)):
        if isinstance(fraction, float):
            of_rest = fraction * len(whole["train"]) / len(train)
            kept, held = held_out(len(train), of_rest, seed, task.strata(train.targets), split)
            train, found[split] = train.subset(kept), train.subset(held)
    found["train"] = train
    return {split: found[split] for split in ("train", "validation", "test") if split in found}


def _report(dataset: TokenDataset, labels: Sequence[str], file: LoadedFile | None) -> SplitReport:
    if file is None:
        return report(dataset, labels, [], 0)
    return report(dataset, labels, first_rejections(file.name, file.stored), file.stored.rejected)


def _check_labels(task: Task, labels: Sequence[str], name: str) -> None:
    if task.outputs(labels) == 0:
        raise DataError(f"{name}: no row has a label, so there is nothing to learn")
    what = "word" if task.unit == "token" else "row"
    one_of_several = task.unit == "token" or task.problem_type == "single_label_classification"
    if one_of_several and len(labels) == 1:
        raise DataError(f"{name}: every {what} has the label {labels[0]!r}: a classification needs two or more")


def _say_nothing(text: str) -> None:
    """Take a word that nobody asked for."""
