"""Compares the evaluation of one state: the reference's result, evaluated by every backend."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ftcore.data import Dataset
from ftcore.evaluation import Judged
from ftcore.files import load_tensors, read_json, save_tensors, write_json
from ftcore.lockstep.evaluated import Findings, compare_findings
from ftcore.lockstep.result import EvaluationDifference
from ftcore.loop import Job

HELD_OUT = ("test", "validation")
"""The splits by preference: one of them is compared."""
RESULT, OUTPUTS, TOLD = "result.safetensors", "outputs.safetensors", "evaluation.json"


class Evaluations:
    """The reference's result and its evaluation in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recorded(self, job: Job) -> Job:
        """Return the job; when it writes its model, it also writes its parameters and their evaluation here."""
        # Generated texts cost too much to be written twice.
        further, judged = _remembering(job.further)

        def write(folder: Path, step: int) -> Sequence[str]:
            self._record(replace(job, further=judged))
            return job.write_model(folder, step)

        return replace(job, write_model=write, further=further)

    def compared(self, job: Job) -> EvaluationDifference | None:
        """Evaluate the reference's result with a job's learner; None if the run has only training rows."""
        if not (self._folder / TOLD).is_file():
            return None
        told, outputs = read_json(self._folder / TOLD), load_tensors(self._folder / OUTPUTS)
        wanted = Findings(told["metrics"], outputs.get("outputs"), told["predictions"], told["written"])
        job.learner.load_tensors(load_tensors(self._folder / RESULT))
        return compare_findings(told["split"], wanted, _found(job, told["split"]), job.program.precision)

    def _record(self, job: Job) -> None:
        held_out = [split for split in HELD_OUT if split in job.splits]
        if not held_out:
            return
        split = held_out[0]
        self._folder.mkdir(parents=True, exist_ok=True)
        found = _found(job, split)
        save_tensors(self._folder / RESULT, job.learner.tensors())
        save_tensors(self._folder / OUTPUTS, {} if found.outputs is None else {"outputs": found.outputs})
        told = {"metrics": found.metrics, "predictions": found.predictions, "written": found.written}
        write_json(self._folder / TOLD, {"split": split, **told})


def _found(job: Job, split: str) -> Findings:
    evaluated = job.evaluate(job.splits[split])
    judged = Judged({}, []) if job.further is None else job.further(job.splits[split])
    predictions = [json.dumps(_discrete(one), ensure_ascii=False) for one in evaluated.predict()]
    return Findings(evaluated.metrics | judged.metrics, evaluated.outputs, predictions, judged.texts)


Further = Callable[[Dataset], Judged] | None


def _remembering(further: Further) -> tuple[Further, Further]:
    """Return a function that computes, and one that returns what the first one computed for the same split."""
    if further is None:
        return None, None
    known: dict[int, Judged] = {}

    def computed(dataset: Dataset) -> Judged:
        known[id(dataset)] = further(dataset)
        return known[id(dataset)]

    return computed, lambda dataset: known[id(dataset)]


def _discrete(value: Any) -> Any:
    """Return a prediction without its numbers, which outputs show better."""
    if isinstance(value, dict):
        return {key: _discrete(inner) for key, inner in value.items() if not isinstance(inner, float)}
    return [_discrete(inner) for inner in value if not isinstance(inner, float)] if isinstance(value, list) else value
