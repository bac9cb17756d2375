"""Loads finished models as predictors."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from ftcore.data import ColumnRules, Dataset, Row, format_of
from ftcore.observer import Notify, unheard
from ftcore.prediction.chunks import StoredInputs
from ftcore.prediction.predicting import Prediction, Predictor
from ftcore.runs import Device, load_trained


def load_predictor(
    model: str | Path,
    device: Device = Device(),  # noqa: B008 - it is frozen
    reading: Mapping[str, object] = MappingProxyType({}),
    notify: Notify = unheard,
) -> Predictor:
    """Load a run folder or model folder.

    Args:
        model: the folder.
        device: the device to compute on.
        reading: fields of the spec's `data` part that tell how files are read, where they differ from the training's.
        notify: called with messages for the user.

    Raises:
        ModelError: the model has no trained head.
        SpecError: the model generates no texts.
    """
    trained = load_trained(model, device)
    columns, forms = trained.columns, trained.task.input.forms

    def predict(dataset: Dataset, rows: Sequence[Row]) -> list[Prediction]:
        return trained.objective.predict(trained.learner, dataset, rows, columns)

    encoder = trained.objective.row_encoder(columns, trained.pair, forms)
    given = format_of(trained.data("-", reading))
    whole = StoredInputs(ColumnRules(columns, trained.pair, None, forms), trained.preparer, given)
    return Predictor(predict, encoder or whole, given, notify)
