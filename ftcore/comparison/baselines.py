"""Measures the baselines of fine-tuning: the majority class, frozen features, and a model from scratch."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftcore.comparison.processes import RunProcess, run_module, settings
from ftcore.comparison.records import read_record
from ftcore.comparison.table import MethodResult, row_of_run
from ftcore.errors import SpecError
from ftcore.files import read_json
from ftcore.observer import Silent
from ftcore.runs import prepare_data
from ftcore.spec import TaskSpec
from ftcore.tasks import TASKS

NO_ROWS = "compare.baselines needs rows to be measured on: give data.test or data.validation"


@dataclass(frozen=True)
class Setting:
    """The inputs of a baseline.

    Attributes:
        path: the spec's file.
        overrides: each is "a.b=value".
        spec: the spec, read from both.
        backend: the backend that computes.
        folder: the folder of the comparison.
    """

    path: Path
    overrides: Sequence[str]
    spec: TaskSpec
    backend: str
    folder: Path


def check_baselines(spec: TaskSpec) -> None:
    """Check that the spec's baselines can be measured.

    Raises:
        SpecError: they cannot be measured; the message says why.
    """
    chosen = spec.compare.baselines
    if not chosen:
        return
    if TASKS[spec.task].target.class_metrics is None:
        fitting = [name for name, other in TASKS.items() if other.target.class_metrics is not None]
        raise SpecError(f"compare.baselines is for {', '.join(fitting)}, and the task is {spec.task}: leave it out")
    if spec.data.validation is None and spec.data.test is None:
        raise SpecError(NO_ROWS)
    pretrained = sorted({"frozen", "scratch"} & set(chosen))
    if spec.model.pretrained is None and pretrained:
        raise SpecError(f"compare.baselines: {' and '.join(pretrained)} need model.pretrained, and the spec has none")


def measure_baselines(setting: Setting) -> list[MethodResult]:
    """Measure the spec's baselines, in the order of the table below; earlier results are reused."""
    return [measure(setting) for name, measure in BASELINES.items() if name in setting.spec.compare.baselines]


def _majority(setting: Setting) -> MethodResult:
    target, data = TASKS[setting.spec.task].target, prepare_data(setting.spec, setting.path.parent, Silent())
    split, held = ("test", data.test) if data.test is not None else ("validation", data.validation)
    if held is None or target.class_metrics is None:
        raise SpecError(NO_ROWS)
    began = time.perf_counter()
    counts = np.bincount(data.train.targets, minlength=len(data.labels))
    most = int(np.bincount(data.train.targets, data.train.weights, minlength=len(data.labels)).argmax())
    seconds = time.perf_counter() - began
    scores = np.tile(np.eye(len(data.labels))[most], (len(held), 1))
    value = target.class_metrics(scores, held.targets, held.weights)[target.metric]
    detail = f"always {data.labels[most]!r}, {counts[most]} of {counts.sum()} training rows"
    return MethodResult("majority class", None, split, target.metric, value, seconds, detail)


def _frozen(setting: Setting) -> MethodResult:
    path = setting.folder / "frozen.json"
    if not path.is_file():
        what = f"the baseline on frozen features of {setting.backend}"
        words = [str(setting.path), setting.backend, str(path), *settings(setting.overrides)]
        run_module(what, "ftcore.comparison.frozen", words)
    task, found = TASKS[setting.spec.task], read_json(path)
    metric = task.target.metric
    split = "test" if "test" in found["metrics"] else "validation"
    of = "mean of the tokens" if task.input.probe_pooling else "pooled by the family"
    detail = f"{of}, logistic regression, C = {found['strength']:g}"
    value = found["metrics"][split][metric]
    return MethodResult("frozen features", setting.backend, split, metric, value, found["seconds"], detail)


def _scratch(setting: Setting) -> MethodResult:
    folder, metric = setting.folder / "scratch", TASKS[setting.spec.task].target.metric
    # Everything is trained even if the spec freezes a part: frozen random layers would be an unfair baseline.
    own = [
        "model.pretrained=null",
        "model.weights=null",
        f"model.from_scratch={json.dumps({'architecture': setting.spec.model.pretrained})}",
        "model.trainable=all",
    ]
    what = f"the baseline from scratch on {setting.backend}"
    RunProcess(setting.path, setting.backend, folder, [*setting.overrides, *own]).run(what)
    row = row_of_run("from scratch", read_record(setting.backend, folder), metric, "no pretrained weights")
    if row is None:
        raise SpecError(NO_ROWS)
    return row


BASELINES: dict[str, Callable[[Setting], MethodResult]] = {
    "majority": _majority,
    "frozen": _frozen,
    "scratch": _scratch,
}
