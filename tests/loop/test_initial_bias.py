"""A new regression head starts at the mean of the training targets; a classifier, and a head that is kept, do not."""

import json
from pathlib import Path

import numpy as np
import pytest

import ftcore
from ftcore.loop.binding import bind
from ftcore.loop.observer import Silent
from ftcore.spec.reading import load_spec
from tests.tiny import text, write_task

NUMBERS = [2.5 + number % 4 for number in range(40)]


@pytest.fixture
def regression(tmp_path: Path) -> Path:
    task = write_task(tmp_path, task="text-regression", loss="mean-squared-error")
    for split in ("train", "validation", "test"):
        rows = [{"text": text(number), "label": value} for number, value in enumerate(NUMBERS)]
        (tmp_path / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return task


def initial_bias(task: Path, *overrides: str) -> np.ndarray:
    return bind(load_spec(task, overrides), task.parent, Silent()).material.tensors["classifier.bias"]


def test_a_new_regression_head_starts_at_the_mean(regression: Path) -> None:
    assert initial_bias(regression).tolist() == [np.float32(np.mean(NUMBERS))]


def test_a_new_classifier_starts_at_zero(tmp_path: Path) -> None:
    assert initial_bias(write_task(tmp_path)).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.slow
def test_a_trained_head_is_kept(regression: Path, tmp_path: Path) -> None:
    run = ftcore.run(regression, backend="torch", output=tmp_path / "run", overrides=["training.max_steps=2"])
    kept = initial_bias(regression, f"model.pretrained={run.model_dir}")
    assert kept.tolist() != [np.float32(np.mean(NUMBERS))]
