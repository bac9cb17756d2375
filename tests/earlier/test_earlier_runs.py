"""What version fa30d60 wrote (see make.py) resumes, is evaluated, predicts and is chained."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import ftcore
from ftcore.cli.main import main
from ftcore.contract import discovery as backend
from ftcore.errors import RunError
from ftcore.files import read_json
from ftcore.report import write_report
from tests.earlier.cases import CASES, LABELLED, LANGUAGE
from tests.earlier.finetuned import module, outputs
from tests.earlier.written import STORED

BACKENDS = backend.names()
OTHER = 1e-5
"""How far a number may be from one that another backend or another machine computed."""
READ = [name for name, case in CASES.items() if not case.module]
"""The cases whose results are read by other commands."""
SAMPLE = ("text-classification", "sequence-classification", "translation")
"""The cases that are also shown on tf, which compiles every run's steps, where torch shows every case."""
Copied = Callable[[str], Path]
backends = pytest.mark.parametrize("name", BACKENDS)


def of(cases: Iterable[str]) -> pytest.MarkDecorator:
    """Return the mark of a test of cases: all but the first are slow."""
    first, *others = cases
    return pytest.mark.parametrize("case", [first, *(pytest.param(other, marks=pytest.mark.slow) for other in others)])


def on(cases: Iterable[str]) -> pytest.MarkDecorator:
    """Return the mark of a test of cases on torch, and of a sample of them on tf; all but the first are slow."""
    pairs = [(case, name) for case in cases for name in BACKENDS if name == "torch" or case in SAMPLE]
    first = "text-classification"
    marks = [() if case == first else (pytest.mark.slow,) for case, _ in pairs]
    return pytest.mark.parametrize(
        ("case", "name"), [pytest.param(*pair, marks=mark) for pair, mark in zip(pairs, marks, strict=True)]
    )


def losses(run: ftcore.Run) -> list[float]:
    return [event["loss"] for event in run.history if event["event"] == "train"]


def check_same_run(run: ftcore.Run, finished: ftcore.Run) -> None:
    places = [[(event["event"], event["step"]) for event in one.history] for one in (run, finished)]
    assert places[0] == places[1]
    np.testing.assert_allclose(losses(run), losses(finished), rtol=OTHER, atol=0)
    assert run.result["best_step"] == finished.result["best_step"]
    check_close(run.metrics, finished.metrics, OTHER)


def check_evaluation(folder: Path, case: str, name: str, made_by: str, bound: float) -> None:
    run = ftcore.Run(folder / f"{made_by}-finished")
    found = ftcore.evaluate(run.folder, folder / CASES[case].test, name)
    check_close({key: found[key] for key in run.metrics["test"]}, run.metrics["test"], bound)


def check_close(found: Any, stored: Any, bound: float) -> None:
    """Compare numbers within a bound, and everything else for equality."""
    if isinstance(stored, dict):
        assert found.keys() == stored.keys()
        for key, value in stored.items():
            check_close(found[key], value, bound)
    elif isinstance(stored, list):
        assert len(found) == len(stored)
        for one, other in zip(found, stored, strict=True):
            check_close(one, other, bound)
    elif isinstance(stored, float):
        assert found == pytest.approx(stored, rel=bound, abs=bound)
    else:
        assert found == stored


def test_a_case_of_every_task_is_stored() -> None:
    stored = {path.parent.name for path in STORED.glob("*/*-stopped")}
    assert stored == set(CASES)
    tasks = {yaml.safe_load(path.read_text())["task"] for path in STORED.glob("*/*-stopped/spec.yaml")}
    assert tasks == {*LABELLED, *LANGUAGE}


@pytest.mark.parametrize("case", CASES)
def test_stored_specs_hold_every_field(case: str) -> None:
    for path in STORED.glob(f"{case}/*/spec.yaml"):
        spec = yaml.safe_load(path.read_text())
        assert {part: len(spec[part]) for part in SIZES} == SIZES
        assert not [key for key in ("standardize", "mark_predicate", "masked_share") if key not in spec["data"]]


SIZES = {"model": 14, "data": 19, "training": 12, "generation": 13, "output": 2, "compare": 1}
"""The fields of each part of a spec, as fa30d60 writes them."""


@backends
@of(CASES)
def test_a_stopped_run_goes_on(case: str, name: str, copied: Copied) -> None:
    folder, told = copied(case), CASES[case]
    stopped = folder / f"{name}-stopped"
    run = ftcore.run(folder / told.place, name, stopped, told.overrides(name), resume=True, allow_code=told.module)
    check_same_run(run, ftcore.Run(folder / f"{name}-finished"))


@backends
def test_a_stopped_run_goes_on_by_its_own_spec(name: str, copied: Copied) -> None:
    folder = copied("spec-in-a-folder")
    stopped = folder / f"{name}-stopped"
    run = ftcore.run(stopped / "spec.yaml", name, stopped, resume=True)
    check_same_run(run, ftcore.Run(folder / f"{name}-finished"))


@backends
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("training.seed=9", "training.seed is 0 there and 9 here; --resume"),
        ("data.max_length=9", "data.max_length is 16 there and 9 here; --resume"),
        ("loss.label_smoothing=0.2", "loss.label_smoothing is 0.0 there and 0.2 here; --resume"),
        ("threads=2", "threads is null there and 2 here; --resume"),
    ],
)
def test_a_stopped_run_of_another_spec_does_not_go_on(change: str, told: str, name: str, copied: Copied) -> None:
    folder = copied("text-classification")
    with pytest.raises(RunError, match=f"of another spec or backend: {told}"):
        ftcore.run(folder / "task.yaml", name, folder / f"{name}-stopped", [change], resume=True)


def test_a_stopped_run_of_another_backend_does_not_go_on(copied: Copied) -> None:
    folder = copied("text-classification")
    with pytest.raises(RunError, match="of another spec or backend: backend is torch there and tf here"):
        ftcore.run(folder / "task.yaml", "tf", folder / "torch-stopped", resume=True)


@backends
def test_a_finished_run_is_left_as_it_is(name: str, copied: Copied) -> None:
    folder = copied("text-classification")
    finished = folder / f"{name}-finished"
    before = (finished / "result.json").read_bytes()
    ftcore.run(folder / "task.yaml", name, finished, resume=True)
    assert (finished / "result.json").read_bytes() == before


@backends
@of(READ)
def test_a_result_is_evaluated(case: str, name: str, copied: Copied) -> None:
    check_evaluation(copied(case), case, name, made_by=name, bound=1e-6)


@on(READ)
def test_a_result_is_evaluated_on_the_other_backend(case: str, name: str, copied: Copied) -> None:
    for made_by in set(BACKENDS) - {name}:
        check_evaluation(copied(case), case, name, made_by, OTHER)


@backends
@of([case for case in READ if CASES[case].predicts])
def test_a_result_predicts(case: str, name: str, copied: Copied) -> None:
    folder = copied(case)
    found = ftcore.predict(folder / f"{name}-finished", folder / CASES[case].test, name)
    check_close(found, read_json(folder / f"{name}-predictions.json"), OTHER)


@on(READ)
def test_a_result_is_chained(case: str, name: str, copied: Copied) -> None:
    folder, told = copied(case), CASES[case]
    before = ftcore.Run(folder / f"{name}-finished")
    slow = ["optimizer={name: sgd, learning_rate: 1.0e-9}", "training={max_steps: 1}", "data.validation=null"]
    # A pretrained network brings its own mean and deviation.
    slow += ["data.standardize=false"] if "standardize" in told.spec["data"] else []
    run = ftcore.run(folder / told.place, name, folder / "next", [f"model={{pretrained: {before.folder}}}", *slow])
    check_close(run.metrics["test"], before.metrics["test"], 1e-4)


@backends
def test_what_finetune_wrote(name: str, copied: Copied) -> None:
    folder = copied("finetune")
    trained = module(name)
    run = ftcore.Run(folder / f"{name}-finished")
    ftcore.load_weights(trained, run.model_dir / "model.safetensors")
    np.testing.assert_allclose(outputs(trained), np.load(folder / f"{name}-outputs.npy"), rtol=OTHER, atol=OTHER)
    assert run.metrics["validation"]["loss"] > 0


@pytest.mark.slow
def test_a_comparison_that_lacks_a_run_goes_on(copied: Copied) -> None:
    folder = copied("comparison")
    compared, before = folder / "compared", read_json(folder / "compared" / "comparison.json")
    shutil.rmtree(compared / "tf")
    found = ftcore.compare(folder / "task.yaml", ["torch", "tf"], compared)
    assert "the run on torch was finished by a version of ftcore that kept no states" in found.verdict
    assert [pair.agree for pair in found.pairs] == [None]
    assert found.to_json()["pairs"][0]["agreement"]["steps"] == before["pairs"][0]["agreement"]["steps"]
    assert (compared / "report.html").is_file()


def test_a_report_is_written_of_a_comparison(copied: Copied) -> None:
    compared = copied("comparison") / "compared"
    write_report(compared)
    verdict = read_json(compared / "comparison.json")["verdict"][0]
    assert verdict in (compared / "report.html").read_text()


def test_a_finished_comparison_is_not_overwritten(copied: Copied) -> None:
    folder = copied("comparison")
    write_report(folder / "compared")
    with pytest.raises(RunError, match="already holds this comparison, and it is finished"):
        ftcore.compare(folder / "task.yaml", ["torch", "tf"], folder / "compared")


def test_results_of_a_bench_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", str(STORED / "bench" / "results.json"), "--page", str(tmp_path / "speed.md")]) == 0
    assert "ftcore torch" in capsys.readouterr().out
    assert "ftcore tf" in (tmp_path / "speed.md").read_text()
