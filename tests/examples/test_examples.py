"""The specs and the data set that ship: every one is found, bound and, shortly, run."""

import importlib.util
import itertools
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import ftcore
from ftcore.contract import discovery as backend
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.spec.reading import load_spec
from ftcore.tasks import TASKS

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").rglob("*.yaml"))
ONE_STEP = "training.max_steps=1"
OF_TWO_RUNS = ("scitldr-copying", "scitldr")
"""The specs of a run and of one that goes on from it, on files that are written for them."""
SPECS = ROOT / "benchmarks" / "specs"
BENCHMARKS = sorted(SPECS.glob("*.yaml"))
OF_ONE_RUN = [path for path in BENCHMARKS if path.stem not in OF_TWO_RUNS]
DESK = ROOT / "examples" / "desk"


def rows(split: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DESK / f"{split}.jsonl").read_text().splitlines()]


def test_every_spec_is_found() -> None:
    shown = {load_spec(path).task for path in EXAMPLES}
    assert shown == set(TASKS)
    assert len(BENCHMARKS) >= 12


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("name", backend.names())
def test_example_runs_shortly(path: Path, name: str, tmp_path: Path) -> None:
    run = ftcore.run(path, backend=name, output=tmp_path / "run", overrides=[ONE_STEP])
    assert run.result["steps"] == 1
    assert set(run.metrics) == {"validation", "test"}


@pytest.mark.realdata
@pytest.mark.parametrize("path", OF_ONE_RUN, ids=lambda path: path.stem)
def test_benchmark_spec_binds(path: Path) -> None:
    bound = bind(load_spec(path), path.parent, Silent())
    assert bound.plan.total_steps > 50


@pytest.mark.slow
@pytest.mark.realdata
def test_benchmark_of_two_runs_binds(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "benchmarks" / "abstract_sentences.py", tmp_path], check=True)
    copying, summaries = (SPECS / f"{name}.yaml" for name in OF_TWO_RUNS)
    overrides = [f"data.train={tmp_path / 'copying.jsonl'}", "precision=float32"]
    assert bind(load_spec(copying, overrides), SPECS, Silent()).plan.total_steps == 200
    first = ftcore.run(copying, backend="torch", output=tmp_path / "first", overrides=[*overrides, ONE_STEP])
    overrides = [f"data.train={tmp_path / 'summaries.jsonl'}", f"model.pretrained={first.folder}"]
    bound = bind(load_spec(summaries, overrides), SPECS, Silent())
    assert bound.plan.total_steps == 498
    assert not bound.network.model.new


def test_desk_has_enough_rows_of_each_class() -> None:
    counts = {split: Counter(row["label"] for row in rows(split)) for split in ("train", "validation", "test")}
    assert sum(sum(count.values()) for count in counts.values()) >= 600
    assert len(counts["train"]) >= 8
    assert all(set(count) == set(counts["train"]) for count in counts.values())


def test_no_two_rows_of_desk_are_alike() -> None:
    words = [set(row["text"].lower().split()) for split in ("train", "validation", "test") for row in rows(split)]
    highest = max(len(one & other) / len(one | other) for one, other in itertools.combinations(words, 2))
    assert highest < 0.8


def test_shapes_are_as_their_script_draws_them() -> None:
    folder = ROOT / "examples" / "shapes"
    described = importlib.util.spec_from_file_location("draw", folder / "draw.py")
    assert described is not None
    assert described.loader is not None
    draw = importlib.util.module_from_spec(described)
    described.loader.exec_module(draw)
    for seed, (name, count) in enumerate(draw.SPLITS.items()):
        wanted = draw.split(count, seed)
        with np.load(folder / f"{name}.npz") as found:
            np.testing.assert_array_equal(found["labels"], wanted["labels"])
            # Another NumPy may round a drawn number the other way.
            assert np.abs(found["images"].astype(int) - wanted["images"]).max() <= 1
        assert (folder / f"{name}.npz").stat().st_size < 200_000
