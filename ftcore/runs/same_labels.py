"""Checks that a resumed run has the labels, in the order, that it began with."""

from collections.abc import Iterator
from pathlib import Path

from ftcore.data import conditions_of, format_of, open_source
from ftcore.errors import DataError, RunError
from ftcore.files import read_json
from ftcore.runs.bound import Bound
from ftcore.targets import number_of


def check_labels(folder: Path, bound: Bound, base: Path) -> None:
    """Check the labels of a run that is resumed.

    Earlier versions did not store them, and named numbers as their file had them.

    Args:
        folder: the run folder.
        bound: the bound spec.
        base: the folder of the spec's relative paths.

    Raises:
        RunError: the run began with other labels, or another order of them.
    """
    path = folder / "environment.json"
    if not path.is_file():
        return
    before, now = read_json(path).get("labels"), bound.data.labels
    if before is None and not _is_as_before(bound, base):
        before = "other names or another order, as an earlier version of ftcore had it"
    if before is not None and before != now:
        raise RunError(f"{folder}: the run began with the labels {before}, the data now has {now}: begin it anew")


def _is_as_before(bound: Bound, base: Path) -> bool:
    """Return whether an earlier version had the same labels in the same order."""
    labels = bound.data.labels
    if getattr(bound.spec.data, "labels", None) is not None or not all(
        number_of(label) is not None for label in labels
    ):
        return True
    is_ordered = all(label.lstrip("-").isdigit() for label in labels) or labels == sorted(labels)
    return is_ordered and all(text in labels for text in _texts(bound, base))


def _texts(bound: Bound, base: Path) -> Iterator[str]:
    """Yield the labels of train that are given as text."""
    own = bound.task.target.column
    data = bound.spec.data
    column = data.columns.get(own, own)
    try:
        for row in open_source(data.train, base, format_of(data), conditions_of(data)).reader.rows([column]):
            value = row.values.get(column)
            for part in value if isinstance(value, list) else [value]:
                yield from (text.strip() for text in part.split("|")) if isinstance(part, str) else ()
    except DataError:
        # A source that is no table, such as an array, has no labels as text.
        return
