"""The functions of the library, one for each command of the command line."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import numpy as np

from ftcore.data import TEXTS, Form, given_format, given_rows, open_rows, stored_file
from ftcore.errors import DataError, SpecError
from ftcore.files import new_file
from ftcore.formats import FeaturePooling, OnBadRow, StreamFormat
from ftcore.helpers import check_choice, check_list, check_mapping, did_you_mean
from ftcore.loop import Run, default_folder
from ftcore.observer import Notify, Observer, RowsDone, nobody, unheard
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
from ftcore.runs import Companion, Device, default_backend, load_trained
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
    companion: Companion | None = None,
) -> Run:
    """Fine-tune on one backend according to a spec.

    Args:
        spec: a file, or a TaskSpec (its paths are relative to the working folder).
        backend: a registered backend's name; None for the only one installed.
        output: the run folder; default: the spec's output.folder, else runs/SPEC-BACKEND.
        overrides: each is "a.b=value"; only if `spec` is a file.
        resume: continue from the newest checkpoint.
        observer: receives progress events.
        allow_code: whether the code of a module that the spec names may run.
        companion: takes part in the run; `ftcore compare` keeps and repeats steps of it.
    """
    check_list("overrides", overrides)
    name = backend or default_backend()
    loaded, base, stem = _loaded(spec, overrides)
    folder = output if output is not None else loaded.output.folder
    chosen = Path(folder) if folder is not None else default_folder(f"{stem}-{name}", resume)
    return run_spec(loaded, name, chosen, base, resume, observer, allow_code, companion)


def compare(
    spec: str | Path, backends: Sequence[str], output: str | Path | None = None, overrides: Sequence[str] = ()
) -> "Comparison":
    """Fine-tune on several backends, each in its own process, compare the runs and write a report.

    Args:
        spec: a file.
        backends: registered names; each is compared with the first.
        output: the folder; default: runs/SPEC-compare.
        overrides: each is "a.b=value".

    Raises:
        ChildError: a run failed; `exit_code` is that of the run.
        FtcoreError: the spec, the backends or the folder are wrong; or the packages of the report are missing, in
            which case everything else is written.
    """
    from ftcore.comparison import compare as compare_runs
    from ftcore.report import write_report

    check_list("backends", backends)
    check_list("overrides", overrides)
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
    notify: Notify = unheard,
    reading: Mapping[str, object] = MappingProxyType({}),
) -> dict[str, float]:
    """Return the loss and metrics of a fine-tuned model on a file with labels.

    The file is prepared in the cache and mapped into memory. Its logits [rows or words, outputs] are kept in memory.

    Args:
        model: a run folder or a model folder.
        data: a file, read as the training data was; "-" for standard input.
        backend: a registered backend's name; None for the run's own, or the only one installed.
        progress: called with the number of rows just done.
        input_format: format of standard input.
        device: auto, cpu, or a device of the backend such as cuda.
        threads: CPU threads; None for all cores.
        notify: called with messages for the user, such as about metrics that the file leaves undefined.
        reading: fields of the spec's `data` part that tell how this file is read, such as {"delimiter": ";"}, where it
            differs from the training data.
    """
    check_choice("input_format", input_format, get_args(StreamFormat))
    with stored_file(str(data), input_format) as path:
        trained = load_trained(model, Device(backend, device, threads))
        return trained.evaluate(path, Path.cwd(), progress, notify, reading)


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
    reading: Mapping[str, object] = MappingProxyType({}),
    notify: Notify = unheard,
) -> list[dict[str, Any]] | Path:
    """Predict each row of a file: one object per row in the task's format, such as {"label": ..., "scores": {...}}.

    Args:
        model: a run folder or a model folder.
        data: a file; its labels are not read, and may be missing.
        backend: a registered backend's name; None for the run's own, or the only one installed.
        output: a new .jsonl or .csv file to write instead of returning a list; written completely or not at all.
        keep: columns of the data to copy to each row.
        on_bad_row: "stop", or "skip": a bad row has {"error": reason} in place of a prediction.
        progress: called with the number of rows just done.
        device: auto, cpu, or a device of the backend such as cuda.
        threads: CPU threads; None for all cores.
        reading: fields of the spec's `data` part that tell how this file is read, such as {"delimiter": ";"}, where it
            differs from the training data.
        notify: called with messages for the user.

    Returns:
        The predictions in the file's order, or the path written.
    """
    check_list("keep", keep)
    _check_on_bad_row(on_bad_row)
    target = None if output is None else new_file(Path(output))
    form = None if target is None else Output(format_of(target), keep, on_bad_row == "skip", progress)
    predictor = load_predictor(model, Device(backend, device, threads), reading, notify)
    chunks = predictions_of_data(predictor, str(data), "jsonl", keep, on_bad_row)
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
    """Predict a stream of rows, a few thousand at a time, without keeping rows or predictions in memory.

    Args:
        model: a run folder or a model folder of a task of texts or words.
        rows: each maps column names to values; the stream may be endless.
        backend: a registered backend's name; None for the run's own, or the only one installed.
        keep: columns to copy to each prediction.
        on_bad_row: "stop", or "skip": a bad row has {"error": reason} in place of a prediction.
        device: auto, cpu, or a device of the backend such as cuda.
        threads: CPU threads; None for all cores.

    Returns:
        The predictions in the order of the rows, in the format of `predict`.
    """
    check_list("keep", keep)
    _check_on_bad_row(on_bad_row)
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
    prompt: str | None = None,
    reading: Mapping[str, object] = MappingProxyType({}),
    notify: Notify = unheard,
) -> np.ndarray | list[np.ndarray] | Path:
    """Return a vector for each row's text, float32 [rows, hidden], or for each of its tokens.

    Args:
        model: a pretrained model's location, a run folder or a model folder.
        data: a file with a text column; "-" for standard input.
        backend: a registered backend's name; None for the only one installed.
        pooling: mean, cls, max, last or pooler; none for a vector of each token, special tokens included; None for the
            setting that ftcore or sentence-transformers wrote in the model's folder, else mean.
        normalize: scale each vector to length 1; None for the setting in the model's folder, else no.
        output: a new .npy or .parquet file to write instead, chunk by chunk; written completely or not at all.
        columns: ftcore's name: the file's name.
        max_length: most tokens per sequence; None for the setting in the model's folder, else 128; at most the number
            of the model's positions.
        layer: the layer whose hidden states are read: 0 for the embeddings' output, -1 for the last.
        keep: columns of the data to copy, in Parquet.
        input_format: format of standard input.
        progress: called with the number of rows just done.
        device: auto, cpu, or a device of the backend such as cuda.
        threads: CPU threads; None for all cores.
        prompt: what stands before every text; None for the default prompt of sentence-transformers' files in the
            model's folder, else nothing.
        reading: fields of a spec's `data` part that tell how the file is read, such as {"delimiter": ";"}.
        notify: called with messages for the user.

    Returns:
        The vectors; with pooling none a list of float32 [tokens, hidden]; or the path of the written file.
    """
    check_list("keep", keep)
    check_mapping("columns", columns)
    check_choice("input_format", input_format, get_args(StreamFormat))
    if pooling is not None:
        check_choice("pooling", pooling, get_args(FeaturePooling))
    _check_columns(columns or {}, TEXTS)
    target = None if output is None else new_file(Path(output))
    if target is not None:
        check_output(target, pooling, keep)
    elif keep:
        raise SpecError("keep: columns can be kept only in a file: give an output that ends in .parquet")
    place = Device(backend, device, threads)
    extractor = load_extractor(str(model), place, pooling, normalize, layer, max_length, prompt)
    source = open_rows(str(data), Path.cwd(), input_format, given_format(reading)).told(notify)
    found = extractor.features(source, columns or {}, keep)
    if target is not None:
        write_vectors(found, target, keep, progress)
        return target
    vectors = [vector for part in _counted((part.vectors for part in found), progress) for vector in part]
    return vectors if pooling == "none" else np.stack(vectors)


def _check_on_bad_row(given: str) -> None:
    if given not in get_args(OnBadRow):
        raise DataError(f"on_bad_row is {given!r}; allowed: {', '.join(get_args(OnBadRow))}")


def _check_columns(given: Mapping[str, str], forms: Sequence[Form]) -> None:
    """Check the columns of texts: the names are ftcore's, and together they are the texts of a row."""
    allowed = list(dict.fromkeys(name for form in forms for name in form))
    for name in given:
        if name not in allowed:
            near = did_you_mean(name, allowed)
            raise SpecError(f"columns: there is no column {name}{near} to read; allowed: {', '.join(allowed)}")
    if given and not any(set(given) <= set(form) for form in forms):
        raise SpecError(f"columns: given {' and '.join(given)}; allowed: {', or '.join(map(' and '.join, forms))}")


def _counted(chunks: Iterable[Sequence[T]], progress: RowsDone) -> Iterator[Sequence[T]]:
    """Yield chunks of rows, and report how many are done."""
    for chunk in chunks:
        progress(len(chunk))
        yield chunk


def _loaded(spec: str | Path | TaskSpec, overrides: Sequence[str]) -> tuple[TaskSpec, Path, str]:
    if isinstance(spec, TaskSpec):
        return spec, Path.cwd(), spec.task
    path = Path(spec)
    return load_spec(path, overrides), path.parent, path.stem
