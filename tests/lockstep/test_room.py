"""What is said where the states of sampled steps find no room, or there are none."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import ftcore
from ftcore.errors import RunError, SpecError
from ftcore.lockstep import Following, Recording, State, room
from tests import tiny

STATE = State({"weight": np.zeros(2**20, np.float32)}, {})


def test_a_full_disk_is_named_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda path: SimpleNamespace(free=2**20))
    with pytest.raises(RunError, match=r"the states of 7 sampled steps take 0\.1 GiB, and 0\.0 GiB are free"):
        room.check_disk(tmp_path / "new" / "lockstep", STATE, 7, 2)


def test_too_little_memory_for_float64_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert room.lacking_memory(STATE) is None
    monkeypatch.setattr(room, "available_memory", lambda: 2**20)
    assert room.lacking_memory(STATE) == "it needs about 0.0 GiB of memory, and 0.0 GiB are free"


def test_a_step_that_the_run_has_not_is_refused(tmp_path: Path) -> None:
    task = tiny.write_task(tmp_path, compare__lockstep=[99], training={"max_steps": 2, "batch_size": 8})
    with pytest.raises(SpecError, match=r"compare.lockstep: given \[99\], but the run has 2 steps"):
        ftcore.run(task, "torch", tmp_path / "out", companion=Recording(tmp_path / "lockstep"))


def test_a_reference_without_states_proves_nothing(tmp_path: Path) -> None:
    task = tiny.write_task(tmp_path, training={"max_steps": 2, "batch_size": 8})
    with pytest.raises(RunError, match="the reference's run kept no states"):
        ftcore.run(task, "torch", tmp_path / "out", companion=Following(tmp_path / "lockstep"))
