"""Loads finished models as predictors."""

from collections.abc import Sequence
from pathlib import Path

from ftcore.data import ColumnRules, Dataset, Row
from ftcore.prediction.chunks import StoredInputs
from ftcore.prediction.predicting import Prediction, Predictor
from ftcore.runs import Device, load_trained


def load_predictor(model: str | Path, device: Device = Device()) -> Predictor:  # noqa: B008 - it is frozen
    """Load a run folder or model folder.

    Args:
        model: the folder.
        device: the device to compute on.

    Raises:
        ModelError: the model has no trained head.
        SpecError: the model generates no texts.
    """
    trained = load_trained(model, device)
    columns, forms = trained.columns, trained.task.input.forms

    def predict(dataset: Dataset, rows: Sequence[Row]) -> list[Prediction]:
        return trained.objective.predict(trained.learner, dataset, rows, columns)

    encoder = trained.objective.row_encoder(columns, trained.pair, forms)
    whole = StoredInputs(ColumnRules(columns, trained.pair, None, forms), trained.preparer)
    return Predictor(predict, encoder or whole)
