"""The library: what the command line does, as functions."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import numpy as np

from ftcore.data import FeaturePooling, OnBadRow, StreamFormat, given_rows, open_rows, stored_file
from ftcore.errors import SpecError
from ftcore.files import new_file
from ftcore.loop import Run, default_folder
from ftcore.observer import Observer, RowsDone, nobody
from ftcore.prediction import (
    LAST,
    Output,
    check_output,
    format_of,
    load_extractor,
    load_predictor,
    predictions_of_data,
    predictions_of_source,
    write_file,
    write_vectors,
)
from ftcore.runs import Device, default_backend, load_trained
from ftcore.runs import run as run_spec
from ftcore.spec import TaskSpec, load_spec

if TYPE_CHECKING:
    from ftcore.comparison import Comparison

T = TypeVar("T")


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
    """Fine-tune as a spec says on several backends, each in a process of its own, compare the runs and report.

    Args:
        spec: a file.
        backends: registered names; each is compared with the first.
        output: the folder; default: runs/SPEC-compare.
        overrides: "a.b=value" each.

    Raises:
        ChildError: a run failed; `exit_code` is its own.
        FtcoreError: the spec, the backends or the folder are wrong; or the report's packages are not installed,
            after everything else is written.
    """
    from ftcore.comparison import compare as compare_runs
    from ftcore.report import write_report

    path = Path(spec)
    folder = Path(output) if output is not None else default_folder(f"{path.stem}-compare", resume=False)
    comparison = compare_runs(path, backends, folder, overrides)
    write_report(folder)
    return comparison


def evaluate(
    model: str | Path,
    data: str | Path,
    backend: str | None = None,
    progress: RowsDone = nobody,
    input_format: StreamFormat = "jsonl",
    device: str = "auto",
    threads: int | None = None,
) -> dict[str, float]:
    """Return loss and metrics of a fine-tuned model on a file with labels.

    The file is prepared in the cache and mapped into memory; held are its logits, rows (or words) by outputs.

    Args:
        model: a run folder or a model folder.
        data: a file, read as the training data was; "-" for standard input.
        backend: a registered backend's name; None for the run's own, or the only one installed.
        progress: told how many rows more are done.
        input_format: of standard input.
        device: auto, cpu, or a device of the backend such as cuda.
        threads: CPU threads; None for every core.
    """
    with stored_file(str(data), input_format) as path:
        return load_trained(model, Device(backend, device, threads)).evaluate(path, Path.cwd(), progress)


def predict(
    model: str | Path,
    data: str | Path,
    backend: str | None = None,
    output: str | Path | None = None,
    keep: Sequence[str] = (),
    on_bad_row: OnBadRow = "stop",
    progress: RowsDone = nobody,
    device: str = "auto",
    threads: int | None = None,
) -> list[dict[str, Any]] | Path:
    """Predict each row of a file: the task's own object a row, such as {"label": ..., "scores": {...}}.

    Args:
        model: a run folder or a model folder.
        data: a file; a column of labels is not needed, and not read.
        backend: a registered backend's name; None for the run's own, or the only one installed.
        output: a file to write instead of returning a list, .jsonl or .csv, whole or not at all; must not exist.
        keep: columns of the data that come along in each row.
        on_bad_row: "stop", or "skip": a bad row has {"error": reason} in place of a prediction.
        progress: told how many rows more are done.
        device: auto, cpu, or a device of the backend such as cuda.
        threads: CPU threads; None for every core.

    Returns:
        The predictions in the file's order, or the path written.
    """
    target = None if output is None else new_file(Path(output))
    form = None if target is None else Output(format_of(target), keep, on_bad_row == "skip", progress)
    chunks = predictions_of_data(
        load_predictor(model, Device(backend, device, threads)), str(data), "jsonl", keep, on_bad_row
    )
    if target is None or form is None:
        return list(itertools.chain.from_iterable(_counted(chunks, progress)))
    write_file(chunks, target, form)
    return target


def predict_rows(
    model: str | Path,
    rows: Iterable[Mapping[str, object]],
    backend: str | None = None,
    keep: Sequence[str] = (),
    on_bad_row: OnBadRow = "stop",
    device: str = "auto",
    threads: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Predict rows as they come, a few thousand at a time: neither rows nor predictions are held any longer.

    Args:
        model: a run folder or a model folder, of a task of texts or words.
        rows: from the names of columns to values; may be endless.
        backend: a registered backend's name; None for the run's own, or the only one installed.
        keep: columns that come along in each prediction.
        on_bad_row: "stop", or "skip": a bad row has {"error": reason} in place of a prediction.
        device: auto, cpu, or a device of the backend such as cuda.
        threads: CPU threads; None for every core.

    Returns:
        The predictions in the order of the rows, each as `predict` gives it.
    """
    chunks = predictions_of_source(
        load_predictor(model, Device(backend, device, threads)), given_rows(rows), keep, on_bad_row
    )
    return itertools.chain.from_iterable(chunks)


def features(
    model: str | Path,
    data: str | Path,
    backend: str | None = None,
    pooling: FeaturePooling | None = None,
    normalize: bool | None = None,
    output: str | Path | None = None,
    columns: dict[str, str] | None = None,
    max_length: int | None = None,
    layer: int = LAST,
    keep: Sequence[str] = (),
    input_format: StreamFormat = "jsonl",
    progress: RowsDone = nobody,
    device: str = "auto",
    threads: int | None = None,
) -> np.ndarray | list[np.ndarray] | Path:
    """Return the vectors of each row's text: float32 [rows, hidden], or of each of its tokens.

    Args:
        model: a pretrained model's location, a run folder or a model folder.
        data: a file with a text column; "-" for standard input.
        backend: a registered backend's name; None for the only one installed.
        pooling: mean, cls, max, last or pooler; none for a vector of each token, special tokens included; None for the
            model's own, as ftcore or sentence-transformers wrote it down, else mean.
        normalize: scale each vector to length 1; None for what the model's folder says, else no.
        output: a .npy or .parquet file to write instead, chunk by chunk, whole or not at all; must not exist.
        columns: ftcore's name: the file's name.
        max_length: tokens a sequence; None for what the model's folder says, else 128, never more than its positions.
        layer: whose hidden states are read: 0 for the embeddings' output, -1 for the last.
        keep: columns of the data that come along, in Parquet.
        input_format: of standard input.
        progress: told how many rows more are done.
        device: auto, cpu, or a device of the backend such as cuda.
        threads: CPU threads; None for every core.

    Returns:
        The vectors; with pooling none a list of float32 [tokens, hidden]. Or the path written.
    """
    target = None if output is None else new_file(Path(output))
    if pooling is not None and pooling not in get_args(FeaturePooling):
        raise SpecError(f"pooling: given {pooling!r}; allowed: {', '.join(get_args(FeaturePooling))}")
    if target is not None:
        check_output(target, pooling, keep)
    elif keep:
        raise SpecError("keep: columns are kept in a file: give an output that ends in .parquet")
    extractor = load_extractor(str(model), Device(backend, device, threads), pooling, normalize, layer, max_length)
    found = extractor.features(open_rows(str(data), Path.cwd(), input_format), columns or {}, keep)
    if target is not None:
        write_vectors(found, target, keep, progress)
        return target
    vectors = [vector for part in _counted((part.vectors for part in found), progress) for vector in part]
    return vectors if pooling == "none" else np.stack(vectors)


def _counted(chunks: Iterable[Sequence[T]], progress: RowsDone) -> Iterator[Sequence[T]]:
    """Give chunks of rows, and tell how many are done."""
    for chunk in chunks:
        progress(len(chunk))
        yield chunk


def _loaded(spec: str | Path | TaskSpec, overrides: Sequence[str]) -> tuple[TaskSpec, Path, str]:
    if isinstance(spec, TaskSpec):
        return spec, Path.cwd(), spec.task
    path = Path(spec)
    return load_spec(path, overrides), path.parent, path.stem
