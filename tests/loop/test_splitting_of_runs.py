"""A run keeps the way in which its rows were held out, whichever version began it or wrote its spec."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

import ftcore
from ftcore.comparison.folder import earlier_splitting
from ftcore.contract import discovery as backend
from ftcore.data import PreparedData
from ftcore.errors import RunError
from ftcore.observer import Silent
from ftcore.runs import prepare_data
from ftcore.spec import load_spec, spec_sha256
from tests.tiny import write_rows, write_task

BACKENDS = backend.names()
APART = "data.split_duplicates=apart"


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """Write a task whose rows occur twice, a fifth of which is held out."""
    path = write_task(tmp_path, data__validation=0.2, data__columns={"text": "text"}, training__epochs=1)
    rows = write_rows(tmp_path / "train.jsonl", 30).read_text()
    (tmp_path / "train.jsonl").write_text(rows + rows)
    return path


def prepared(path: Path, *overrides: str) -> PreparedData:
    return prepare_data(load_spec(path, overrides), path.parent, Silent())


def held(data: PreparedData) -> list[int]:
    assert data.validation is not None
    return sorted(data.validation.hashes.tolist())


def test_new_specs_keep_equal_rows_together_and_earlier_ones_do_not(task: Path) -> None:
    together, apart = prepared(task), prepared(task, APART)
    assert together.overlap["train/validation"] == 0
    assert apart.overlap["train/validation"] > 0
    for version, wanted in ((1, apart), (2, apart), (3, together)):
        assert held(prepared(task, f"version={version}")) == held(wanted)
    for version in (1, 2):
        assert held(prepared(task, f"version={version}", "data.split_duplicates=together")) == held(together)


@pytest.mark.slow
def test_a_written_spec_means_the_same_split(task: Path, tmp_path: Path) -> None:
    ways = (([], "together"), ([APART], "apart"), (["version=2"], "apart"))
    for number, (overrides, way) in enumerate(ways):
        run = ftcore.run(task, BACKENDS[0], tmp_path / f"run-{number}", overrides)
        described = json.loads((run.folder / "environment.json").read_text())["split"]
        assert described == {"version": 2, "duplicates": way}
        again = load_spec(run.folder / "spec.yaml")
        assert held(prepare_data(again, run.folder, Silent())) == held(prepared(task, *overrides))


@pytest.mark.slow
@pytest.mark.parametrize("name", BACKENDS)
def test_a_run_that_an_earlier_version_began_keeps_its_split(name: str, task: Path, tmp_path: Path) -> None:
    run = ftcore.run(task, name, tmp_path / "run", [APART])
    wanted = run.metrics
    as_before(run.folder, task)
    assert ftcore.run(task, name, run.folder, resume=True).metrics["validation"] == pytest.approx(wanted["validation"])
    assert json.loads((run.folder / "environment.json").read_text())["split"]["duplicates"] == "apart"
    assert yaml.safe_load((run.folder / "spec.yaml").read_text())["data"]["split_duplicates"] == "apart"
    (run.folder / "result.json").unlink()
    for spec, overrides in ((task, [APART]), (task, []), (run.folder / "spec.yaml", [])):
        found = ftcore.run(spec, name, run.folder, overrides, resume=True)
        assert found.metrics["validation"] == pytest.approx(wanted["validation"])
    with pytest.raises(RunError, match=r"data\.split_duplicates is 'apart' there and 'together' here; --resume"):
        ftcore.run(task, name, run.folder, ["data.split_duplicates=together"], resume=True)


def as_before(folder: Path, task: Path) -> None:
    """Make a run folder one of an earlier version, stopped before its result was written."""
    (folder / "result.json").unlink()
    path = folder / "environment.json"
    environment = json.loads(path.read_text())
    del environment["split"]
    path.write_text(json.dumps({**environment, "spec_sha256": spec_sha256(load_spec(task))}))
    written = yaml.safe_load((folder / "spec.yaml").read_text())
    del written["data"]["split_duplicates"]
    (folder / "spec.yaml").write_text(yaml.safe_dump({**written, "version": 2}))


@pytest.mark.slow
def test_every_backend_holds_the_same_rows_out(task: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (tmp_path / "train.jsonl").read_text().splitlines()]
    lines = [json.dumps({**row, "user": f"u{number % 30 // 3}"}) + "\n" for number, row in enumerate(rows)]
    (tmp_path / "train.jsonl").write_text("".join(lines))
    overrides = ["data.columns={group: user}", "training.clip_norm=null"]
    runs = [ftcore.run(task, name, tmp_path / name, overrides) for name in BACKENDS]
    curves = [[event["loss"] for event in run.history if event["event"] == "train"] for run in runs]
    np.testing.assert_allclose(curves[1], curves[0], rtol=1e-5)
    assert runs[1].metrics["validation"] == pytest.approx(runs[0].metrics["validation"], rel=1e-4)


def test_the_missing_runs_of_an_earlier_comparison_split_as_its_others(task: Path, tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    path = tmp_path / "torch" / "environment.json"
    for split, overrides in ({}, [APART]), ({"split": {"version": 2, "duplicates": "together"}}, []):
        path.write_text(json.dumps({"backend": "torch", **split}))
        assert earlier_splitting(tmp_path, load_spec(task), ["torch", "tf"]) == overrides
        assert earlier_splitting(tmp_path, load_spec(task, [APART]), ["torch", "tf"]) == []
        assert earlier_splitting(tmp_path, load_spec(task, ["data.validation=null"]), ["torch", "tf"]) == []
