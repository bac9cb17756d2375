"""The task tensors through the one loop: described networks the same on every backend, and the user's own modules."""

import json
from pathlib import Path
from typing import Any

import arrays
import numpy as np
import pytest

from ftcore import library
from ftcore.cli.main import main
from ftcore.conformance.measure import relative
from ftcore.contract import discovery as backends
from ftcore.errors import ModelError, SpecError
from ftcore.spec.reading import load_spec

METRICS = {
    "cross-entropy": {"loss", "accuracy"},
    "binary-cross-entropy": {"loss", "accuracy"},
    "huber": {"loss", "mean_squared_error", "mean_absolute_error"},
}
TORCH = f"""
from torch import nn

class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear({arrays.SIZE}, 3)

    def forward(self, left, right):
        return self.line(left) - self.line(right)

def build():
    return nn.Sequential(nn.Linear({arrays.SIZE}, 8), nn.ReLU(), nn.Linear(8, 3))

def two():
    return Two()

def few():
    return nn.Linear({arrays.SIZE}, 2)

def wrong():
    return nn.Linear(9, 3)
"""
KERAS = f"""
from keras import Input, Model, Sequential, layers

def build():
    return Sequential([Input(({arrays.SIZE},)), layers.Dense(8, "relu", name="a"), layers.Dense(3, name="b")])

def two():
    left, right, line = Input(({arrays.SIZE},), name="left"), Input(({arrays.SIZE},), name="right"), layers.Dense(3)
    return Model({{"left": left, "right": right}}, line(left) - line(right))

def few():
    return Sequential([Input(({arrays.SIZE},)), layers.Dense(2)])

def wrong():
    return Sequential([Input((9,)), layers.Dense(3)])
"""
CODE = {"torch": TORCH, "tf": KERAS}


def losses(run: Path) -> list[float]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row["loss"] for row in rows if "learning_rate" in row]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "loss"),
    [("features", "cross-entropy"), ("pixel_values", "binary-cross-entropy"), ("values", "huber")],
)
def test_a_run_is_the_same_on_every_backend(name: str, loss: str, tmp_path: Path) -> None:
    task = arrays.write_task(tmp_path, name, loss, model__dropout=0.2)
    runs = [library.run(task, backend=one, output=tmp_path / one) for one in backends.names()]
    first, other = (losses(run.folder) for run in runs)
    assert len(first) == 12
    assert max(relative(*pair) for pair in zip(other, first, strict=True)) <= 1e-5
    assert runs[0].metrics["test"] == pytest.approx(runs[1].metrics["test"], rel=1e-4)
    assert set(runs[0].metrics["test"]) == METRICS[loss]
    assert {path.name for path in runs[0].model_dir.iterdir()} == {"config.json", "ftcore.json", "model.safetensors"}
    metrics = library.evaluate(tmp_path / "torch", tmp_path / "test.npz", backend="tf")
    assert metrics == pytest.approx(runs[1].metrics["test"], rel=1e-4)


def test_a_linear_network_predicts_what_its_tensors_say(tmp_path: Path) -> None:
    """Its folder holds a weight and a bias: outputs are what NumPy makes of them, in the file's order."""
    from safetensors.numpy import load_file

    task = arrays.write_task(tmp_path, "features", "mean-squared-error", training__epochs=40)
    run = library.run(task, backend="torch", output=tmp_path / "run")
    assert run.metrics["test"]["mean_squared_error"] < 0.01
    tensors = load_file(run.model_dir / "model.safetensors")
    new = arrays.inputs("features", 7, seed=9)
    np.savez(tmp_path / "new.npz", measured=new)
    found = library.predict(run.model_dir, tmp_path / "new.npz", backend="torch")
    assert isinstance(found, list)
    assert all(set(row) == {"outputs"} for row in found)
    wanted = new @ tensors["classifier.weight"].T + tensors["classifier.bias"]
    np.testing.assert_allclose([row["outputs"] for row in found], wanted, rtol=1e-5, atol=1e-5)
    again = {"pretrained": "run"}
    on = library.run(arrays.write_task(tmp_path, "features", "huber", model=again), "torch", tmp_path / "on")
    assert on.metrics["validation"]["mean_absolute_error"] < 0.2


@pytest.mark.parametrize("labels", [None, ["low", "middle", "high"]])
def test_a_class_is_predicted_by_number_or_name(labels: list[str] | None, tmp_path: Path) -> None:
    task = arrays.write_task(tmp_path, data__labels=labels, training__epochs=20)
    run = library.run(task, backend="torch", output=tmp_path / "run")
    assert run.metrics["test"]["accuracy"] >= 0.6
    found = library.predict(run.folder, tmp_path / "test.npz", backend="torch")
    assert isinstance(found, list)
    for row in found:
        best = int(np.argmax(row["outputs"]))
        assert row["label"] == (best if labels is None else labels[best])
        assert len(row["outputs"]) == 3


def write_module(folder: Path, backend: str, function: str, **changes: Any) -> Path:
    (folder / f"net_{backend}_{function}.py").write_text(CODE[backend])
    return arrays.write_task(folder, model={"module": f"net_{backend}_{function}:{function}"}, **changes)


@pytest.mark.slow
@pytest.mark.parametrize("backend", backends.names())
def test_a_module_of_ones_own_is_trained(backend: str, tmp_path: Path) -> None:
    task = write_module(tmp_path, backend, "build", training__epochs=20)
    with pytest.raises(SpecError, match=r"model\.module: .* would run the code of .*: read it, then give --allow-code"):
        library.run(task, backend=backend, output=tmp_path / "run")
    run = library.run(task, backend=backend, output=tmp_path / "run", allow_code=True)
    assert run.metrics["test"]["accuracy"] >= 0.8
    assert run.result["labels"] == ["0", "1", "2"]
    with pytest.raises(ModelError, match=r"build the module, load model\.safetensors into it"):
        library.predict(run.folder, tmp_path / "test.npz", backend=backend)
    for function, reason in {
        "few": r"gives logits of shape \[2, 2\] for 2 examples, but the task needs \[2, 3\]",
        "wrong": r"its module raised \w+: ",
    }.items():
        task = write_module(tmp_path, backend, function)
        with pytest.raises(ModelError, match=reason):
            library.run(task, backend=backend, output=tmp_path / function, allow_code=True)


@pytest.mark.parametrize("backend", backends.names())
def test_a_module_takes_several_arrays_by_name(backend: str, tmp_path: Path) -> None:
    task = write_module(tmp_path, backend, "two", data={"train": "pairs", "validation": 0.25}, training__epochs=20)
    left, right = arrays.inputs("features", 60, 5), arrays.inputs("features", 60, 6)
    labels = arrays.classes(left - right)
    arrays.write_files(tmp_path / "pairs", left=left, right=right, labels=labels)
    run = library.run(task, backend=backend, output=tmp_path / "run", allow_code=True)
    assert run.metrics["validation"]["accuracy"] >= 0.7


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"data__columns": {"text": "a"}},
            "data.columns.text: the task tensors has no column text: its columns are labels",
        ),
        (
            {"data__max_length": 12},
            "data.max_length: unknown field in the task tensors, it is one of text-classification, "
            "multi-label-classification, text-regression, token-classification, semantic-role-labeling, "
            "question-answering, sentence-embedding, causal-language-modeling, instruction-tuning, "
            "masked-language-modeling, summarization and translation; allowed: train, validation, test, columns, "
            "split_duplicates, on_bad_row, labels",
        ),
        ({"data__on_bad_row": "skip"}, "data.on_bad_row: arrays are taken whole: leave it out"),
        ({"model": {"module": "a:b", "tokenizer": "c"}}, "model.tokenizer: is for texts: leave it out"),
        (
            {"training__best": {"metric": "mean_squared_error"}},
            "training.best.metric: given 'mean_squared_error'; allowe",
        ),
        (
            {"loss": "huber", "training__best": {"metric": "accuracy"}},
            "training.best.metric: given 'accuracy'; allowed: lo",
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as error:
        load_spec(arrays.write_task(tmp_path, **changes))
    assert message in str(error.value)


def test_a_network_of_texts_is_refused(tmp_path: Path) -> None:
    task = arrays.write_task(tmp_path)
    (tmp_path / "network" / "config.json").write_text(json.dumps({"model_type": "gru", "vocab_size": 9}))
    with pytest.raises(ModelError, match="the task tensors is for arrays of numbers, but gru reads tokens: give texts"):
        library.run(task, backend="torch", output=tmp_path / "run")


def test_spec_check_counts_examples(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    task = arrays.write_task(tmp_path)
    assert main(["spec", "check", str(task), "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["data"]["splits"]["train"]["rows"] == 48
    assert sum(found["data"]["splits"]["train"]["per_label"].values()) == 48
    assert found["model"]["family"] == "linear"
