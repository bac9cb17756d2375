"""Data prepared as a run does it, from a tokenizer, an image processor or whatever a test has in hand."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import create_model

from ftcore.data.columns import ColumnRules
from ftcore.data.dataset import CountedDataset
from ftcore.data.forms import TEXTS, Form
from ftcore.data.prepare import Asked, PreparedData
from ftcore.data.prepare import prepare as prepare_data
from ftcore.data.reading import Reading
from ftcore.data.settings import DataSpec as CommonSpec
from ftcore.data.table_format import RowChoice, TableFormat
from ftcore.inputs import Preparer
from ftcore.inputs.arrays.arrays import ArrayPreparer
from ftcore.inputs.arrays.shapes import ArrayInputs
from ftcore.inputs.images.images import ImagePreparer
from ftcore.inputs.images.processor import ImageProcessor
from ftcore.inputs.series.channels import VectorInput
from ftcore.inputs.series.series import SeriesPreparer, Standardize
from ftcore.inputs.tokens.settings import MarkedPredicate, SentenceWindows, TextLength, TextPair, WordLabels
from ftcore.inputs.tokens.text_rows import TextRows
from ftcore.inputs.tokens.texts import TextPreparer
from ftcore.inputs.tokens.word_rows import ClauseRows, WordRows
from ftcore.inputs.tokens.words import ClausePreparer, WordPreparer
from ftcore.targets.settings import LabelOrder, LabelSetForm
from ftcore.tasks import Task

PARTS = (
    LabelSetForm,
    *(LabelOrder, Standardize, MarkedPredicate, SentenceWindows, WordLabels, TextPair, TextLength),
    *(RowChoice, TableFormat, CommonSpec),
)
DataSpec: Any = create_model("DataSpec", __base__=PARTS)
"""Every field that some task has."""


def preparer(thing: Any, forms: tuple[Form, ...], spec: Any) -> Preparer:
    """Return what makes examples, given the tokenizer, processor or description of a network's inputs."""
    if isinstance(thing, ImageProcessor):
        return ImagePreparer(thing)
    if isinstance(thing, VectorInput):
        return SeriesPreparer(thing, spec.standardize)
    if isinstance(thing, ArrayInputs):
        return ArrayPreparer(thing)
    every = spec.label_subwords == "all"
    if all("predicate_index" in form for form in forms):
        return ClausePreparer(ClauseRows(thing), every, spec.mark_predicate)
    if all("tokens" in form for form in forms):
        return WordPreparer(WordRows(thing, spec.overlap), every)
    return TextPreparer(TextRows(thing, spec.pair == "separate"))


def prepare(spec: Any, task: Task, thing: Any, base: Path, seed: int, notify: Callable[[str], None]) -> PreparedData:
    forms = task.input.forms
    found, asked = preparer(thing, forms, spec), Asked(task.target, forms, spec.pair)
    return prepare_data(found.loader(base, notify), asked, spec, spec.labels, seed, notify, found.settled)


def prepare_inputs(
    path: str, columns: Mapping[str, str], pair: str, thing: Any, base: Path, forms: tuple[Form, ...] = TEXTS
) -> CountedDataset:
    found = preparer(thing, forms, DataSpec(train=path, pair=pair))
    reading = Reading(ColumnRules(columns, pair, None, forms), None, None, "stop")
    return found.loader(base, lambda text: None).load(path, reading).dataset


def prepare_evaluation(
    path: str, spec: Any, task: Task, labels: Sequence[str], thing: Any, base: Path
) -> CountedDataset:
    forms = task.input.forms
    reading = Asked(task.target, forms, spec.pair).reading(spec, labels)
    return preparer(thing, forms, spec).loader(base, lambda text: None).load(path, reading).dataset
