"""Write stored/: run folders, a comparison and results of a bench as version fa30d60 of ftcore writes them.

    python -m tests.earlier.make        # in the folder of the repository, with that version

They are read by test_earlier_runs.py and are not to be made again by a later version: that is what they are for.
Each case's folder holds the spec as a user writes it, the files that it names and, by backend, a run that was stopped
after its second evaluation, the same run finished, and what `ftcore predict` gave of the test rows.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml
from ftcore.loop.observer import Silent

import ftcore
from tests.earlier.cases import CASES
from tests.earlier.finetuned import finetune
from tests.earlier.written import STORED, Case

BACKENDS = ("torch", "tf")
KEPT = {"spec.yaml", "environment.json", "metrics.jsonl", "result.json", "model"}
"""Of a finished run; its last checkpoint is left out."""


class Stopped(Exception):  # noqa: N818 - it is no error
    """Ends a run where it would be killed."""


class Stops(Silent):
    """Ends a run at its second evaluation, before the checkpoint of that step is written."""

    evaluations = 0

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        self.evaluations += 1
        if self.evaluations == 2:
            raise Stopped


def main() -> None:
    shutil.rmtree(STORED, ignore_errors=True)
    os.environ["FTCORE_CACHE"] = str(STORED / "cache")
    for name, case in CASES.items():
        write_inputs(STORED / name, case)
    for backend in BACKENDS:
        subprocess.run([sys.executable, "-m", "tests.earlier.make", backend], check=True)
    write_comparison(STORED / "comparison")
    write_results(STORED / "bench")
    shutil.rmtree(STORED / "cache")


def write_inputs(folder: Path, case: Case) -> None:
    """Write the files that a case's spec names, and the spec."""
    folder.mkdir(parents=True)
    case.write(folder)
    path = folder / case.place
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(case.spec, sort_keys=False))


def of_backend(backend: str) -> None:
    """Carry out every case on a backend."""
    for name, case in CASES.items():
        folder = STORED / name
        given = (folder / case.place, backend)
        try:
            ftcore.run(
                *given, folder / f"{backend}-stopped", case.overrides(backend), observer=Stops(), allow_code=True
            )
        except Stopped:
            print(backend, name, flush=True)
        run = ftcore.run(*given, folder / f"{backend}-finished", case.overrides(backend), allow_code=True)
        if case.predicts:
            rows = ftcore.predict(run.folder, folder / case.test, backend)
            (folder / f"{backend}-predictions.json").write_text(json.dumps(rows) + "\n")
        keep(run.folder)
    keep(finetune(backend, STORED / "finetune").folder)


def keep(run: Path) -> None:
    for path in run.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path)


def write_comparison(folder: Path) -> None:
    """Compare the first case on both backends, as `ftcore compare` does; the report is left out, which is large."""
    write_inputs(folder, CASES["text-classification"])
    command = [sys.executable, "-m", "ftcore", "compare", str(folder / "task.yaml"), "--backends", ",".join(BACKENDS)]
    subprocess.run([*command, "--output", str(folder / "compared")], check=True)
    (folder / "compared" / "report.html").unlink()
    for backend in BACKENDS:
        keep(folder / "compared" / backend)


def write_results(folder: Path) -> None:
    """Write what `ftcore bench` measures of both backends on the first case."""
    write_inputs(folder, CASES["text-classification"])
    contestants = [{"name": f"ftcore {backend}", "ftcore": {"backend": backend}} for backend in BACKENDS]
    ratios = [{"contestant": contestants[1]["name"], "baseline": contestants[0]["name"]}]
    suite = {"spec": "task.yaml", "steps": 3, "warmup": 1, "rounds": 1, "contestants": contestants, "ratios": ratios}
    (folder / "suite.yaml").write_text(yaml.safe_dump(suite, sort_keys=False))
    command = [sys.executable, "-m", "ftcore", "bench", str(folder / "suite.yaml")]
    subprocess.run([*command, "--output", str(folder / "results.json")], check=True)


if __name__ == "__main__":
    of_backend(sys.argv[1]) if len(sys.argv) > 1 else main()
