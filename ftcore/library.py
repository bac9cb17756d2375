"""The library: what the command line does, as functions."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from ftcore import backend as backends
from ftcore.backend import Learner, Program, Want
from ftcore.data.batches import evaluation_batches
from ftcore.data.dataset import Dataset
from ftcore.data.formats import OnBadRow
from ftcore.data.prepare import prepare_evaluation, prepare_inputs
from ftcore.data.streams import given_rows
from ftcore.data.tokenizer import Tokenizer
from ftcore.errors import BackendError, SpecError
from ftcore.files import new_file, replacing
from ftcore.loop.evaluation import evaluate as evaluate_split
from ftcore.loop.evaluation import in_order
from ftcore.loop.observer import Observer, RowsDone, nobody
from ftcore.loop.run import run as run_spec
from ftcore.loop.run_folder import Run, default_folder
from ftcore.models.network import Pooling
from ftcore.models.plan import described, plan_model
from ftcore.prediction.predicting import predictions_of_data, predictions_of_source
from ftcore.prediction.writing import Output, format_of, write_file
from ftcore.spec.model import ModelSpec
from ftcore.spec.reading import load_spec
from ftcore.spec.task_spec import TaskSpec
from ftcore.trained import default_backend, load_trained

if TYPE_CHECKING:
    from ftcore.comparison import Comparison

CHUNK = 4096
"""Examples whose outputs are held in memory at once."""


def run(
    spec: str | Path | TaskSpec,
    backend: str | None = None,
    output: str | Path | None = None,
    overrides: Sequence[str] = (),
    resume: bool = False,
    observer: Observer | None = None,
    allow_code: bool = False,
) -> Run:
    """Fine-tune as a spec says, on one backend.

    Args:
        spec: a file, or a TaskSpec (its paths are relative to the working folder).
        backend: a registered backend's name; None for the only one installed.
        output: the run folder; default: the spec's output.folder, else runs/SPEC-BACKEND.
        overrides: "a.b=value" each; for a file only.
        resume: go on from the newest checkpoint.
        observer: told what happens.
        allow_code: whether a module that the spec names may run: code of the spec's own.
    """
    name = backend or default_backend()
    loaded, base, stem = _loaded(spec, overrides)
    folder = output if output is not None else loaded.output.folder
    chosen = Path(folder) if folder is not None else default_folder(f"{stem}-{name}", resume)
    return run_spec(loaded, name, chosen, base, resume, observer, allow_code)


def compare(
    spec: str | Path, backends: Sequence[str], output: str | Path | None = None, overrides: Sequence[str] = ()
) -> "Comparison":
    """Fine-tune as a spec says on several backends, each in a process of its own, and compare the runs.

    Args:
        spec: a file.
        backends: registered names; each is compared with the first.
        output: the folder; default: runs/SPEC-compare.
        overrides: "a.b=value" each.
    """
    from ftcore.comparison import compare as compare_runs

    path = Path(spec)
    folder = Path(output) if output is not None else default_folder(f"{path.stem}-compare", resume=False)
    return compare_runs(path, backends, folder, overrides)


def evaluate(
    model: str | Path, data: str | Path, backend: str | None = None, progress: RowsDone = nobody
) -> dict[str, float]:
    """Return loss and metrics of a fine-tuned model on a file with labels.

    The file is prepared in the cache and mapped into memory; held are its logits, rows (or words) by outputs.

    Args:
        model: a run folder or a model folder.
        data: a file, read as the training data was.
        backend: a registered backend's name; None for the run's own, or the only one installed.
        progress: told how many rows more are done.
    """
    trained = load_trained(model, backend)
    spec = trained.data_spec(str(data))
    dataset = prepare_evaluation(str(data), spec, trained.task, trained.labels, trained.preparer, Path.cwd())
    return evaluate_split(trained.learner, dataset, trained.loss, trained.task.metrics, progress)


def predict(
    model: str | Path,
    data: str | Path,
    backend: str | None = None,
    output: str | Path | None = None,
    keep: Sequence[str] = (),
    on_bad_row: OnBadRow = "stop",
    progress: RowsDone = nobody,
) -> list[dict[str, Any]] | Path:
    """Predict each row of a file: the task's own object a row, such as {"label": ..., "scores": {...}}.

    Args:
        model: a run folder or a model folder.
        data: a file; a column of labels is not needed, and not read.
        backend: a registered backend's name; None for the run's own, or the only one installed.
        output: a file to write instead of returning a list, .jsonl or .csv, whole or not at all; must not exist.
        keep: columns of the data that come along in each row.
        on_bad_row: "stop", or "skip": a bad row has {"error": reason} in place of a prediction.
        progress: told how many rows more are written.

    Returns:
        The predictions in the file's order, or the path written.
    """
    target = None if output is None else new_file(Path(output))
    form = None if target is None else Output(format_of(target), keep, on_bad_row == "skip", progress)
    chunks = predictions_of_data(load_trained(model, backend), str(data), "jsonl", keep, on_bad_row)
    if target is None or form is None:
        return [row for chunk in chunks for row in chunk]
    write_file(chunks, target, form)
    return target


def predict_rows(
    model: str | Path,
    rows: Iterable[Mapping[str, object]],
    backend: str | None = None,
    keep: Sequence[str] = (),
    on_bad_row: OnBadRow = "stop",
) -> Iterator[dict[str, Any]]:
    """Predict rows as they come, a few thousand at a time: neither rows nor predictions are held any longer.

    Args:
        model: a run folder or a model folder, of a task of texts or words.
        rows: from the names of columns to values; may be endless.
        backend: a registered backend's name; None for the run's own, or the only one installed.
        keep: columns that come along in each prediction.
        on_bad_row: "stop", or "skip": a bad row has {"error": reason} in place of a prediction.

    Returns:
        The predictions in the order of the rows, each as `predict` gives it.
    """
    chunks = predictions_of_source(load_trained(model, backend), given_rows(rows), keep, on_bad_row)
    return itertools.chain.from_iterable(chunks)


def features(
    model: str | Path,
    data: str | Path,
    backend: str | None = None,
    pooling: str = "mean",
    normalize: bool = False,
    output: str | Path | None = None,
    columns: dict[str, str] | None = None,
    max_length: int = 128,
) -> np.ndarray | Path:
    """Return the vectors of each row's text: float32 [rows, hidden].

    Args:
        model: a pretrained model's location, a run folder or a model folder.
        data: a file with a text column.
        backend: a registered backend's name; None for the only one installed.
        pooling: mean, cls, max, last or pooler.
        normalize: scale each vector to length 1.
        output: a .npy file to write instead, filled chunk by chunk; must not exist.
        columns: ftcore's name: the file's name.
        max_length: tokens a sequence.
    """
    target = None if output is None else new_file(Path(output))
    if pooling not in get_args(Pooling):
        raise SpecError(f"pooling: given {pooling!r}; allowed: {', '.join(get_args(Pooling))}")
    spec = ModelSpec.model_validate({"pretrained": str(model), "pooling": pooling, "normalize": normalize})
    described(spec, Path.cwd(), "tokens")
    plan = plan_model(spec, 0, "joint", 0, Path.cwd())
    learner = backends.load(backend or default_backend()).build(Program(plan.network))
    learner.load_tensors(plan.tensors)
    tokenizer = Tokenizer.load(plan.tokenizer_folder, max_length)
    dataset = prepare_inputs(str(data), columns or {}, "joint", tokenizer, Path.cwd())
    if target is None:
        return np.concatenate([_pooled(learner, dataset, ids) for ids in _chunks(len(dataset))])
    with replacing(target) as partial:
        _write_features(partial, learner, dataset)
    return target


def _loaded(spec: str | Path | TaskSpec, overrides: Sequence[str]) -> tuple[TaskSpec, Path, str]:
    if isinstance(spec, TaskSpec):
        return spec, Path.cwd(), spec.task
    path = Path(spec)
    return load_spec(path, overrides), path.parent, path.stem


def _chunks(count: int) -> Iterator[np.ndarray]:
    for start in range(0, count, CHUNK):
        yield np.arange(start, min(start + CHUNK, count))


def _pooled(learner: Learner, dataset: Dataset, ids: np.ndarray) -> np.ndarray:
    parts, places = [], []
    for batch in evaluation_batches(dataset.subset(ids)):
        pooled = learner.forward(batch, Want(logits=False, pooled=True)).pooled
        if pooled is None:
            raise BackendError("the backend gave no pooled vectors")
        parts.append(pooled)
        places.append(batch.example_ids)
    return in_order(parts, places)


def _write_features(path: Path, learner: Learner, dataset: Dataset) -> None:
    """Fill a .npy file chunk by chunk."""
    file: np.memmap | None = None
    for ids in _chunks(len(dataset)):
        vectors = _pooled(learner, dataset, ids)
        if file is None:
            shape = (len(dataset), vectors.shape[1])
            file = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
        file[ids] = vectors
    if file is not None:
        file.flush()
