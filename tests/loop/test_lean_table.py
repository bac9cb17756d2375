"""Rows of the token table that no data reaches are left out of training, and end where a dense loop leaves them."""

import math
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import ftcore
from ftcore.inputs.tokens import lean as lean_splits
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.runs.bound import Bound
from ftcore.spec.reading import load_spec
from tests.tiny import VOCABULARY, write_task

TABLE = "bert.embeddings.word_embeddings.weight"
UNREACHED = [VOCABULARY.index(word) for word in ("[UNK]", "[MASK]")]


def bound(task: Path, *overrides: str) -> Bound:
    return bind(load_spec(task, overrides), task.parent, Silent())


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_task(tmp_path_factory.mktemp("task"))


def test_only_reached_rows_are_given_to_a_backend(task: Path) -> None:
    given = bound(task)
    kept = [row for row in range(len(VOCABULARY)) if row not in UNREACHED]
    assert given.network.material.lean is not None
    assert given.network.material.lean.rows.tolist() == kept
    np.testing.assert_array_equal(given.network.material.tensors[TABLE], given.network.model.tensors[TABLE][kept])
    ids = np.arange(12)
    plain, lean = given.data.train.packed(ids), given.network.material.splits["train"].packed(ids)
    np.testing.assert_array_equal(np.asarray(kept)[lean.inputs["input_ids"]], plain.inputs["input_ids"])


@pytest.mark.parametrize(
    "override",
    [
        "optimizer={name: adam, learning_rate: 0.001, weight_decay: 0.01}",
        "optimizer={name: sgd, learning_rate: 0.001, weight_decay: 0.01}",
        "model.trainable=head",
    ],
)
def test_the_whole_table_is_given_where_that_is_no_product_or_nothing_is_gained(task: Path, override: str) -> None:
    assert bound(task, override).network.material.lean is None


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd"])
def test_a_lean_run_ends_where_a_dense_one_does(
    task: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, optimizer: str
) -> None:
    decay = 0.1 if optimizer == "adamw" else 0.0
    settings = [
        "precision=float64",
        "output.dtype=float64",
        "training.keep=last",
        f"optimizer={{name: {optimizer}, learning_rate: 0.01, weight_decay: {decay}}}",
    ]
    given = bound(task, *settings)
    lean = ftcore.run(task, backend="torch", output=tmp_path / "lean", overrides=settings)
    monkeypatch.setattr(lean_splits, "lean_table", lambda *_: None)
    dense = ftcore.run(task, backend="torch", output=tmp_path / "dense", overrides=settings)
    found, wanted = (load_file(run.model_dir / "model.safetensors") for run in (lean, dense))
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-12, err_msg=name)
    rates = [given.plan.learning_rates.at(step) for step in range(1, lean.result["steps"] + 1)]
    shrunk = given.network.model.tensors[TABLE][UNREACHED] * math.prod(1 - rate * decay for rate in rates)
    np.testing.assert_allclose(found[TABLE][UNREACHED], shrunk, rtol=1e-6)
