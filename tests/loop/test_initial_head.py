"""Where new heads start: a regression at the mean of the training targets, or at the cosine of two texts."""

import json
from pathlib import Path

import numpy as np
import pytest

import ftcore
from ftcore.contract import Program, Want
from ftcore.contract import discovery as backends
from ftcore.observer import Silent
from ftcore.runs.binding import Bound, bind
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
    return bound(task, *overrides).network.material.tensors["classifier.bias"]


def bound(task: Path, *overrides: str) -> Bound:
    return bind(load_spec(task, overrides), task.parent, Silent())


def test_a_new_regression_head_starts_at_the_mean(regression: Path) -> None:
    assert initial_bias(regression).tolist() == [np.float32(np.mean(NUMBERS))]


def test_a_new_classifier_starts_at_zero(tmp_path: Path) -> None:
    assert initial_bias(write_task(tmp_path)).tolist() == [0.0, 0.0, 0.0]


@pytest.fixture
def pairs(regression: Path) -> tuple[Path, tuple[str, ...]]:
    for split in ("train", "validation", "test"):
        rows = [{"a": text(number), "b": text(3 * number + 1), "label": v} for number, v in enumerate(NUMBERS)]
        (regression.parent / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns = "data.columns={text_a: a, text_b: b, label: label}"
    return regression, (columns, "data.pair=separate", "model.pooling=mean", "model.normalize=true")


@pytest.mark.parametrize("backend", ["torch", "tf"])
def test_a_new_head_of_two_normalized_texts_gives_their_cosine(
    pairs: tuple[Path, tuple[str, ...]], backend: str
) -> None:
    found = bound(pairs[0], *pairs[1])
    learner = backends.load(backend).build(Program(found.network.model.network))
    learner.load_tensors(found.network.model.tensors)
    outputs = learner.forward(found.data.train.batch(np.arange(8)), Want(pooled=True))
    first, second = outputs.pooled[0::2], outputs.pooled[1::2]
    lowest, highest = min(NUMBERS), max(NUMBERS)
    cosines = (first * second).sum(1) / np.linalg.norm(first, axis=1) / np.linalg.norm(second, axis=1)
    np.testing.assert_allclose(outputs.logits[:, 0], lowest + (highest - lowest) * cosines, rtol=1e-5)


def test_vectors_of_any_length_have_a_drawn_head(pairs: tuple[Path, tuple[str, ...]]) -> None:
    found = bound(pairs[0], *pairs[1], "model.normalize=false")
    assert (
        np.count_nonzero(found.network.model.tensors["classifier.weight"])
        == found.network.model.tensors["classifier.weight"].size
    )
    assert found.network.model.tensors["classifier.bias"].tolist() == [np.float32(np.mean(NUMBERS))]


@pytest.mark.slow
def test_a_trained_head_is_kept(regression: Path, tmp_path: Path) -> None:
    run = ftcore.run(regression, backend="torch", output=tmp_path / "run", overrides=["training.max_steps=2"])
    kept = initial_bias(regression, f"model.pretrained={run.model_dir}")
    assert kept.tolist() != [np.float32(np.mean(NUMBERS))]
