"""Runs a spec from start to finish."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftcore.contract import Backend, discovery
from ftcore.files import write_json, write_text
from ftcore.loop import Job, Run, began_with, begun, check_free, environment, execute, told_of_options
from ftcore.observer import Observer, Silent
from ftcore.runs.binding import bind
from ftcore.runs.bound import Bound
from ftcore.runs.choices import device_of
from ftcore.runs.companion import Alone, Companion
from ftcore.runs.job import job_of
from ftcore.runs.own_module import check_allowed
from ftcore.runs.resources import check_disk, check_memory
from ftcore.runs.same_labels import check_labels
from ftcore.runs.same_run import run_difference
from ftcore.runs.splitting import with_splitting
from ftcore.spec import TaskSpec, dump_spec, spec_sha256


def run(
    spec: TaskSpec,
    backend: str,
    folder: Path,
    base: Path,
    resume: bool = False,
    observer: Observer | None = None,
    allow_code: bool = False,
    companion: Companion | None = None,
) -> Run:
    """Run a spec on a backend; everything is checked before the run folder is made.

    Args:
        spec: the spec.
        backend: a registered backend's name.
        folder: the run folder; absent or empty, or that of the same run with `resume`.
        base: the folder of the spec's relative paths.
        resume: continue from the newest checkpoint.
        observer: receives progress events.
        allow_code: whether the code of `model.module` may run.
        companion: takes part in the run.

    Raises:
        FtcoreError: something is wrong with the spec, data, model, backend or folder.
    """
    observer, companion = observer or Silent(), companion or Alone()
    check_allowed(spec, base, allow_code)
    check_free(folder, resume, lambda: run_difference(spec, base, folder, backend))
    observer.stage(f"loading backend {backend}")
    implementation = discovery.load(backend)
    spec = with_splitting(spec, begun(folder) if resume else None)
    bound = bind(spec, base, observer)
    if resume:
        check_labels(folder, bound, base)
    else:
        check_resources(bound, device_of(spec, implementation), folder, observer)
    before = began_with(folder, resume)
    job = companion.joined(job_of(bound, implementation, observer, before), spec)
    for line in told_of_options(before, job.learner.options):
        observer.note(line)
    begin_folder(folder, bound, implementation, job.learner.options, dump_spec(spec, base, folder))
    finished = execute(job, folder, resume, observer)

    def at_precision(precision: str) -> Job | None:
        if precision not in implementation.info().precisions:
            return None
        return job_of(bound.at_precision(precision), implementation, Silent(), few_steps=True)

    companion.finish(job, at_precision, finished, observer)
    return finished


def check_resources(bound: Bound, device: str, folder: Path, observer: Observer) -> None:
    """Check before anything is built that memory and disk have room for a run.

    Raises:
        RunError: they have not.
    """
    size = bound.network.state_size(bound.optimizer)
    if size is None:
        return
    check_disk(folder, size, bound.plan, bound.data.validation is not None)
    if device == "cpu":
        activations = bound.network.activation_bytes(bound.data.train, bound.plan)
        for note in check_memory(bound.spec, size, activations):
            observer.note(note)


def begin_folder(folder: Path, bound: Bound, backend: Backend, options: Mapping[str, Any], spec_yaml: str) -> None:
    """Make the run folder with the files that are known before the first step.

    Args:
        folder: the run folder.
        bound: the bound spec.
        backend: the backend that runs it.
        options: options of the backend, as in `Learner.options`.
        spec_yaml: the content of spec.yaml.
    """
    spec = bound.spec
    folder.mkdir(parents=True, exist_ok=True)
    described = environment.describe(
        backend.info(),
        spec_sha256(spec),
        device_of(spec, backend),
        spec.threads,
        spec.training.seed,
        bound.data.files,
        {**bound.network.hashes, "labels": bound.data.labels},
        options,
        bound.data.division,
    )
    write_json(folder / "environment.json", described)
    write_text(folder / "spec.yaml", spec_yaml)
    if bound.data.rejected_file is not None:
        shutil.copyfile(bound.data.rejected_file, folder / "rejected.jsonl")
