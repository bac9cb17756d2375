"""Fine-tuned models as predictors: of labels, of tags, or of texts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ftcore.data.columns import ColumnRules, Columns
from ftcore.data.dataset import Dataset
from ftcore.data.readers.base import Row
from ftcore.data.sources import Source
from ftcore.evaluation.logits import logits_of
from ftcore.prediction.chunks import Inputs, RowEncoder, text_encoder
from ftcore.prediction.predicting import Prediction, Predictor
from ftcore.runs.trained import Trained, load_trained, trained_folder
from ftcore.runs.trained_language import TrainedLanguage, load_language
from ftcore.targets.tags import OneTagTask
from ftcore.tasks import LANGUAGE_TASKS
from ftcore.text import Tokenizer


def load_predictor(model: str | Path, backend: str | None) -> Predictor:
    """Load a run folder or model folder.

    Args:
        model: the folder.
        backend: a registered backend's name; None for the run's own, or the only one installed.

    Raises:
        ModelError: it has no trained head.
        SpecError: it writes no texts.
    """
    folder, description = trained_folder(model)
    if description["task"] in LANGUAGE_TASKS:
        return _of_texts(load_language(folder, description, backend))
    return _of_labels(load_trained(model, backend))


def _of_labels(trained: Trained) -> Predictor:
    """Return what predicts a task's labels; those of words beside the row's columns."""
    columns, task = trained.description.get("columns", {}), trained.task

    def predict(dataset: Dataset, rows: Sequence[Row]) -> list[Prediction]:
        found = task.predictions(logits_of(trained.learner, dataset), trained.labels)
        if not isinstance(task, OneTagTask):
            return found
        (form,) = task.forms
        given = ({own: row.values[columns.get(own, own)] for own in form} for row in rows)
        return [task.beside(values, one) for values, one in zip(given, found, strict=True)]

    if not isinstance(trained.preparer, Tokenizer):
        return Predictor(predict, Inputs(columns, trained.description["pair"], trained.preparer, task.forms))
    rules = ColumnRules(columns, trained.description["pair"], None, task.forms)
    return Predictor(predict, text_encoder(rules, trained.preparer, trained.description.get("overlap")))


def _of_texts(trained: TrainedLanguage) -> Predictor:
    writer, loader = trained.writer(), trained.prompts(Path.cwd())

    def predict(dataset: Dataset, rows: Sequence[Row]) -> list[Prediction]:
        # A row is written as it would be in any other chunk.
        places = np.array([row.number - 1 for row in rows], dtype=np.int64)
        return [{"text": text} for text in writer.write(dataset, places)]

    def encode(source: Source, rows: Sequence[Row], columns: Columns) -> tuple[Dataset | None, Mapping[int, str]]:
        return loader.load_rows(source, rows, columns)

    rules = ColumnRules(trained.data.columns, trained.data.pair, None, trained.task.given)
    return Predictor(predict, RowEncoder(rules, encode))
