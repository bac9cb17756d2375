"""The products of a run: in environment.json, the same on every run of a machine, and kept by a run that goes on."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from ftcore_torch import matrix_products

import ftcore
from ftcore.observer import Silent
from tests.tiny import write_task

AMD, INTEL = "AuthenticAMD", "GenuineIntel"
pytestmark = pytest.mark.skipif(
    set(matrix_products.available()) != {"mkl", "onednn"}, reason="needs a PyTorch with MKL and oneDNN on x86"
)


class StoppedError(Exception):
    """The run is cut off here."""


class StopsAt(Silent):
    """Cuts a run off after a step, and keeps its notes of options."""

    def __init__(self, step: int | None = None) -> None:
        self.last = step
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        if text.startswith("backend option"):
            self.notes.append(text)

    def step(self, step: int, *numbers: Any) -> None:
        if step == self.last:
            raise StoppedError


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_task(tmp_path_factory.mktemp("task"), training__checkpoint_every=2)


@pytest.fixture(autouse=True)
def _amd(monkeypatch: pytest.MonkeyPatch) -> None:
    on(AMD, monkeypatch)


def on(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine's processor be of a vendor."""
    monkeypatch.setattr(matrix_products, "vendor", lambda: vendor)


def environment(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "environment.json").read_text())
    return found


def losses(run: ftcore.Run) -> list[float]:
    return [event["loss"] for event in run.history if event["event"] == "train"]


def cut(task: Path, folder: Path) -> None:
    with pytest.raises(StoppedError):
        ftcore.run(task, backend="torch", output=folder, observer=StopsAt(7))
    assert any((folder / "checkpoints").iterdir())


def test_environment_json_has_every_option_as_it_came_out(
    task: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, (vendor, asked, wanted) in enumerate(
        [(AMD, "auto", "onednn"), (INTEL, "auto", "mkl"), (INTEL, "onednn", "onednn"), (AMD, "mkl", "mkl")]
    ):
        on(vendor, monkeypatch)
        settings = ["training.max_steps=1", "training.epochs=null", f"backend={{torch: {{products: {asked}}}}}"]
        run = ftcore.run(task, backend="torch", output=tmp_path / str(number), overrides=settings)
        options = environment(run.folder)["options"]
        assert options == {"threads": None, "attention": "sdpa", "compile": False, "products": wanted}


def test_a_run_that_goes_on_keeps_them(task: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ftcore.run(task, backend="torch", output=tmp_path / "whole")
    cut(task, tmp_path / "cut")
    on(INTEL, monkeypatch)
    observer = StopsAt()
    resumed = ftcore.run(task, backend="torch", output=tmp_path / "cut", resume=True, observer=observer)
    assert environment(resumed.folder)["options"]["products"] == "onednn"
    assert losses(resumed) == losses(whole)
    assert observer.notes == []
    # What is compared can differ: a new run has the other library's roundings.
    other = ftcore.run(task, backend="torch", output=tmp_path / "other")
    assert environment(other.folder)["options"]["products"] == "mkl"
    assert losses(other) != losses(whole)


def test_a_run_of_a_version_that_did_not_note_them_goes_on_with_its_own(
    task: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ftcore.run(task, backend="torch", output=tmp_path / "whole")
    cut(task, tmp_path / "cut")
    before = environment(tmp_path / "cut")
    del before["options"]
    (tmp_path / "cut" / "environment.json").write_text(json.dumps(before))
    on(INTEL, monkeypatch)
    resumed = ftcore.run(task, backend="torch", output=tmp_path / "cut", resume=True)
    assert environment(resumed.folder)["options"]["products"] == "onednn"
    assert losses(resumed) == losses(whole)


def test_a_machine_without_them_says_so(task: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut(task, tmp_path / "cut")
    monkeypatch.setattr(matrix_products, "available", lambda: ("mkl",))
    observer = StopsAt()
    resumed = ftcore.run(task, backend="torch", output=tmp_path / "cut", resume=True, observer=observer)
    assert environment(resumed.folder)["options"]["products"] == "mkl"
    assert observer.notes == ["backend option products: the run began with onednn, but this machine continues with mkl"]


def test_finetune_notes_them_too(tmp_path: Path) -> None:
    inputs, labels = torch.randn(8, 3).numpy(), [0, 1] * 4
    run = ftcore.finetune(torch.nn.Linear(3, 2), inputs, labels, max_steps=1, output=tmp_path / "run")
    # A module of the user's own is computed as it is.
    assert environment(run.folder)["options"]["products"] == matrix_products.own()
