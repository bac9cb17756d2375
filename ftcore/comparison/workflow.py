"""Runs a whole comparison: runs each backend, measures the baselines, judges, and writes comparison.json."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ftcore.comparison.baselines import Setting, check_baselines, measure_baselines
from ftcore.comparison.checks import check_work
from ftcore.comparison.comparison import Comparison, Pair, Subject
from ftcore.comparison.folder import begin, earlier_splitting
from ftcore.comparison.proof import LockstepRuns, Proof, why_unproven
from ftcore.comparison.records import Record, read_record
from ftcore.comparison.table import MethodResult, fine_tuned, one_split, shown_metric
from ftcore.comparison.verdict import CURVE_BOUNDS, judge
from ftcore.contract import discovery as registered
from ftcore.data import name_of
from ftcore.errors import BackendError
from ftcore.files import write_json
from ftcore.models import ModelSpec, check_no_module, parts_of
from ftcore.spec import TaskSpec, load_spec, spec_sha256
from ftcore.tasks import TASKS


def compare(spec_path: Path, backends: Sequence[str], folder: Path, overrides: Sequence[str] = ()) -> Comparison:
    """Run a spec on several backends, one after the other, and compare the runs.

    Each backend has its own process, whose output is passed through. Calling this again with the same arguments
    continues an interrupted comparison.

    Args:
        spec_path: the spec's file.
        backends: registered names, two or more; each is compared with the first.
        folder: absent or empty; gets a run folder for each backend, and comparison.json.
        overrides: each is "a.b=value".

    Raises:
        ChildError: a run failed; `exit_code` is that of the run.
        FtcoreError: the spec, the backends or the folder are wrong.
    """
    spec = load_spec(spec_path, overrides)
    check_no_module(spec.model)
    _check_backends(backends)
    check_baselines(spec)
    begin(folder, spec, spec_path.parent, backends)
    overrides = [*overrides, *earlier_splitting(folder, spec, backends)]
    spec = load_spec(spec_path, overrides)
    runs = LockstepRuns(spec_path, overrides, backends, folder, why_unproven(spec, backends[0], folder))
    runs.run()
    records = [read_record(name, folder / name) for name in backends]
    runs.ask_further(records, CURVE_BOUNDS[spec.precision])
    baselines = measure_baselines(Setting(spec_path, overrides, spec, backends[0], folder))
    comparison = compare_records(spec, records, baselines, folder, runs.proofs())
    write_json(comparison.path, comparison.to_json())
    runs.clean()
    return comparison


def compare_records(
    spec: TaskSpec,
    records: Sequence[Record],
    baselines: Sequence[MethodResult],
    folder: Path,
    proofs: Mapping[str, Proof],
) -> Comparison:
    """Judge finished runs of one spec.

    Args:
        spec: the spec as run.
        records: two runs or more; each is compared with the first.
        baselines: the results of the baselines.
        folder: the folder of the comparison.
        proofs: by backend, for every one but the first.
    """
    first, *others = records
    metric = shown_metric(TASKS[spec.task].target, first)
    return Comparison(
        folder=folder,
        backends=tuple(record.backend for record in records),
        spec_sha256=spec_sha256(spec),
        subject=_subject(spec, metric),
        checks=check_work(records),
        pairs=tuple(_pair(first, other, spec.precision, proofs[other.backend]) for other in others),
        table=one_split([*baselines, *fine_tuned(records, metric)]),
    )


def _check_backends(backends: Sequence[str]) -> None:
    for name in backends:
        registered.check_installed(name)
    if len(set(backends)) < 2 or len(set(backends)) < len(backends):
        raise BackendError(
            f"compare needs at least two different backends, given {', '.join(backends) or 'none'}; "
            f"registered: {', '.join(registered.names())}"
        )


def _pair(first: Record, second: Record, precision: str, proof: Proof) -> Pair:
    verdict = judge(first, second, precision, proof)
    return Pair(
        first=first.backend,
        second=second.backend,
        agree=verdict.agree,
        verdict=verdict.sentence,
        agreement=verdict.agreement,
        lockstep=proof.lockstep,
        twin=proof.twin,
    )


def _subject(spec: TaskSpec, metric: str) -> Subject:
    return Subject(spec.task, _model(spec.model), name_of(spec.data.train), spec.precision, metric)


def _model(model: ModelSpec) -> str:
    if parts := [part for part in parts_of(model) if part is not None]:
        return " and ".join(part.pretrained or f"{part.from_scratch}, from scratch" for part in parts)
    scratch = model.from_scratch
    if model.weights is not None:
        return f"{model.pretrained if scratch is None else scratch.architecture}, {model.weights}"
    return str(model.pretrained) if scratch is None else f"{scratch.architecture}, from scratch"
