"""The library: what the command line does, as functions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from ftcore import backend as backends
from ftcore.backend import Learner, Program, Want
from ftcore.data.batches import evaluation_batches
from ftcore.data.dataset import Dataset
from ftcore.data.prepare import prepare_evaluation, prepare_inputs
from ftcore.data.sources import rows
from ftcore.data.tokenizer import Tokenizer
from ftcore.errors import BackendError, RunError, SpecError
from ftcore.files import replacing
from ftcore.loop.evaluation import evaluate as evaluate_split
from ftcore.loop.evaluation import in_order, logits_of
from ftcore.loop.observer import Observer
from ftcore.loop.run import run as run_spec
from ftcore.loop.run_folder import Run, default_folder
from ftcore.loop.vectors import check_split
from ftcore.models.network import Pooling
from ftcore.models.plan import described, plan_model
from ftcore.spec.model import ModelSpec
from ftcore.spec.reading import load_spec
from ftcore.spec.task_spec import TaskSpec
from ftcore.tasks import LANGUAGE_TASKS
from ftcore.tasks.base import Detailed
from ftcore.tasks.one_tag import OneTagTask
from ftcore.trained import Trained, default_backend, load_trained, trained_folder
from ftcore.trained_language import load_language

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


def evaluate(model: str | Path, data: str | Path, backend: str | None = None) -> dict[str, float]:
    """Return loss and metrics of a fine-tuned model on a file with labels.

    Args:
        model: a run folder or a model folder.
        data: a file, read as the training data was.
        backend: a registered backend's name; None for the run's own, or the only one installed.
    """
    folder, description = trained_folder(model)
    if description["task"] in LANGUAGE_TASKS:
        return load_language(folder, description, backend).evaluate(str(data), Path.cwd())
    trained = load_trained(model, backend)
    spec = trained.data_spec(str(data))
    dataset = prepare_evaluation(str(data), spec, trained.task, trained.labels, trained.preparer, Path.cwd())
    if trained.task.unit == "vector":
        check_split(str(data), dataset, trained.loss)
    task = trained.task
    metrics = task.detailed_metrics if isinstance(task, Detailed) else task.metrics
    return evaluate_split(trained.learner, dataset, trained.loss, metrics)


def predict(
    model: str | Path, data: str | Path, backend: str | None = None, output: str | Path | None = None
) -> list[dict[str, Any]] | Path:
    """Predict each row of a file: the task's own object a row, such as {"label": ..., "scores": {...}}.

    Args:
        model: a run folder or a model folder.
        data: a file; a column of labels is not needed, and not read.
        backend: a registered backend's name; None for the run's own, or the only one installed.
        output: write JSON lines there, whole or not at all, instead of returning a list; must not exist.

    Returns:
        The predictions in the file's order, or the path written.
    """
    target = None if output is None else _new_file(Path(output))
    folder, description = trained_folder(model)
    if description["task"] in LANGUAGE_TASKS:
        return _written(load_language(folder, description, backend).predict(str(data), Path.cwd()), target)
    trained = load_trained(model, backend)
    columns = trained.description.get("columns", {})
    pair, forms = trained.description["pair"], trained.task.forms
    dataset = prepare_inputs(str(data), columns, pair, trained.preparer, Path.cwd(), forms)
    predictions = _predictions(trained, dataset)
    if isinstance(trained.task, OneTagTask):
        predictions = _beside_words(trained.task, predictions, str(data), columns)
    return _written(predictions, target)


def features(
    model: str | Path,
    data: str | Path,
    backend: str | None = None,
    pooling: str | None = None,
    normalize: bool | None = None,
    output: str | Path | None = None,
    columns: dict[str, str] | None = None,
    max_length: int = 128,
) -> np.ndarray | Path:
    """Return the vectors of each row's text: float32 [rows, hidden].

    Args:
        model: a pretrained model's location, a run folder or a model folder.
        data: a file with a text column.
        backend: a registered backend's name; None for the only one installed.
        pooling: mean, cls, max, last or pooler; None for the model's own, as ftcore or sentence-transformers wrote
            it down, else mean.
        normalize: scale each vector to length 1; None for what the model's folder says, else no.
        output: a .npy file to write instead, filled chunk by chunk; must not exist.
        columns: ftcore's name: the file's name.
        max_length: tokens a sequence.
    """
    target = None if output is None else _new_file(Path(output))
    if pooling is not None and pooling not in get_args(Pooling):
        raise SpecError(f"pooling: given {pooling!r}; allowed: {', '.join(get_args(Pooling))}")
    spec = ModelSpec.model_validate({"pretrained": str(model), "pooling": pooling, "normalize": normalize})
    described(spec, Path.cwd(), "tokens")
    plan = plan_model(spec, 0, "joint", 0, Path.cwd(), "vector")
    learner = backends.load(backend or default_backend()).build(Program(plan.network))
    learner.load_tensors(plan.tensors)
    tokenizer = Tokenizer.load(plan.tokenizer_folder, max_length)
    dataset = prepare_inputs(str(data), columns or {}, "joint", tokenizer, Path.cwd())
    if target is None:
        return np.concatenate([_pooled(learner, dataset, ids) for ids in _chunks(len(dataset))])
    with replacing(target) as partial:
        _write_features(partial, learner, dataset)
    return target


def _written(predictions: Iterator[dict[str, Any]], target: Path | None) -> list[dict[str, Any]] | Path:
    if target is None:
        return list(predictions)
    with replacing(target) as partial, partial.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in predictions)
    return target


def _loaded(spec: str | Path | TaskSpec, overrides: Sequence[str]) -> tuple[TaskSpec, Path, str]:
    if isinstance(spec, TaskSpec):
        return spec, Path.cwd(), spec.task
    path = Path(spec)
    return load_spec(path, overrides), path.parent, path.stem


def _new_file(path: Path) -> Path:
    if path.exists():
        raise RunError(f"{path} exists: choose another output, or remove it")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _chunks(count: int) -> Iterator[np.ndarray]:
    for start in range(0, count, CHUNK):
        yield np.arange(start, min(start + CHUNK, count))


def _predictions(trained: Trained, dataset: Dataset) -> Iterator[dict[str, Any]]:
    for ids in _chunks(len(dataset)):
        yield from trained.task.predictions(logits_of(trained.learner, dataset.subset(ids)), trained.labels)


def _beside_words(
    task: OneTagTask, predictions: Iterator[dict[str, Any]], data: str, columns: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    (form,) = task.forms
    for row, prediction in zip(rows(data, Path.cwd()), predictions, strict=True):
        yield task.beside({own: row.values[columns.get(own, own)] for own in form}, prediction)


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
