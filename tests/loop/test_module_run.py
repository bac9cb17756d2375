"""A spec's `model.module`: the user's own code, run only where it is allowed, trained by the one loop."""

import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import ftcore
from ftcore.cli.main import main
from ftcore.errors import FtcoreError, ModelError, RunError, SpecError
from ftcore.files.tensors import load_tensors
from tests.tiny import VOCABULARY, write_rows, write_tokenizer

TORCH = f"""
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, outputs=3):
        super().__init__()
        self.table = nn.Embedding({len(VOCABULARY)}, 8)
        self.norm = nn.BatchNorm1d(8)
        self.dropout = nn.Dropout(0.1)
        self.line = nn.Linear(8, outputs)
        self.positions = None

    def forward(self, input_ids, attention_mask):
        if self.positions is None or len(self.positions) != input_ids.shape[1]:
            self.positions = torch.linspace(1.0, 2.0, input_ids.shape[1])
        mask = attention_mask[:, :, None]
        pooled = (self.table(input_ids) * self.positions[:, None] * mask).sum(1) / mask.sum(1)
        return self.line(self.dropout(self.norm(pooled)))

def build():
    return Net()

def two():
    return Net(2)

def one_array():
    class Mean(nn.Module):
        def forward(self, x):
            return x.mean(1)
    return nn.Sequential(nn.Embedding({len(VOCABULARY)}, 3), Mean())

def broken():
    raise ValueError("no such\\nlayer")

def breaks_later():
    return nn.Linear(4, 3)

def others():
    class Others(nn.Module):
        def forward(self, words, pictures):
            return words
    return Others()

def nothing():
    return None
"""
KERAS = f"""
import keras
from keras import layers, ops

SIZE = {len(VOCABULARY)}

class Net(keras.Model):
    def __init__(self, outputs=3):
        super().__init__(name="net")
        self.table = layers.Embedding(SIZE, 8, name="table")
        self.norm = layers.BatchNormalization(name="norm")
        self.drop = layers.Dropout(0.1, name="drop")
        self.line = layers.Dense(outputs, name="line")

    def call(self, inputs, training=False):
        mask = ops.cast(inputs["attention_mask"], "float32")[:, :, None]
        pooled = ops.sum(self.table(inputs["input_ids"]) * mask, 1) / ops.sum(mask, 1)
        return self.line(self.drop(self.norm(pooled, training=training), training=training))

def build():
    return Net()

def two():
    return Net(2)

def one_array():
    return keras.Sequential(
        [layers.Embedding(SIZE, 8, name="a"), layers.GlobalAveragePooling1D(name="b"), layers.Dense(3, name="c")]
    )

def named():
    ids = keras.Input((None,), dtype="int32", name="input_ids")
    mask = keras.Input((None,), dtype="int32", name="attention_mask")
    mean = layers.GlobalAveragePooling1D(name="b")(layers.Embedding(SIZE, 8, name="a")(ids), mask=mask)
    return keras.Model([ids, mask], layers.Dense(3, name="c")(mean))

def broken():
    raise ValueError("no such\\nlayer")

def breaks_later():
    class Fails(keras.Model):
        def call(self, inputs):
            return inputs["images"]
    return Fails()

def others():
    one, two = keras.Input((None,), name="words"), keras.Input((None,), name="pictures")
    return keras.Model([one, two], one)
"""
CODE = {"torch": TORCH, "tf": KERAS}
BACKENDS = pytest.mark.parametrize("backend", ["torch", pytest.param("tf", marks=pytest.mark.slow)])
SMALL_STEP = ["training.max_steps=1", "optimizer.learning_rate=1e-9"]
numbers = itertools.count()


@pytest.fixture
def task(tmp_path: Path) -> Callable[..., Path]:
    """Write a task whose module's file has a name of its own, for Python keeps one module of a name."""

    def write(backend: str, function: str = "build", **model: Any) -> Path:
        name = f"net{next(numbers)}"
        (tmp_path / "nets").mkdir(exist_ok=True)
        (tmp_path / "nets" / f"{name}.py").write_text(CODE[backend])
        write_tokenizer(tmp_path / "tokens")
        for place, split in enumerate(("train", "validation", "test")):
            write_rows(tmp_path / f"{split}.jsonl", 40 if place == 0 else 12, start=100 * place)
        spec = {
            "task": "text-classification",
            "model": {"module": f"nets.{name}:{function}", "tokenizer": "tokens", **model},
            "data": {"train": "train.jsonl", "validation": "validation.jsonl", "test": "test.jsonl", "max_length": 16},
            "optimizer": {"name": "adamw", "learning_rate": 3e-2},
            "training": {"epochs": 6, "batch_size": 8, "seed": 3},
        }
        (tmp_path / "task.yaml").write_text(yaml.safe_dump(spec))
        return tmp_path / "task.yaml"

    return write


def losses(run: ftcore.Run) -> list[float]:
    return [event["loss"] for event in run.history if event["event"] == "train"]


def written(run: ftcore.Run) -> dict[str, np.ndarray]:
    return load_tensors(run.model_dir / "model.safetensors")


@BACKENDS
def test_it_learns_and_the_run_folder_repeats_it(backend: str, task: Callable[..., Path], tmp_path: Path) -> None:
    run = ftcore.run(task(backend), backend, tmp_path / "one", allow_code=True)
    assert run.metrics["test"].keys() == {"loss", "accuracy", "macro_f1"}
    assert losses(run)[-1] < 0.7 * losses(run)[0]
    assert run.result["labels"] == ["colour", "size", "thing"]
    assert {path.name for path in run.model_dir.iterdir()} == {"model.safetensors"}
    environment = json.loads((run.folder / "environment.json").read_text())
    assert (environment["weights_sha256"], len(environment["module_sha256"])) == (None, 64)
    again = ftcore.run(run.folder / "spec.yaml", backend, tmp_path / "two", allow_code=True)
    np.testing.assert_allclose(losses(again), losses(run), rtol=1e-5)


@BACKENDS
def test_it_goes_on_from_a_checkpoint(backend: str, task: Callable[..., Path], tmp_path: Path) -> None:
    spec = task(backend)
    whole = ftcore.run(spec, backend, tmp_path / "whole", allow_code=True)

    class CutError(Exception):
        pass

    class Cutting:
        def evaluated(self, split: str, step: int, metrics: Any) -> None:
            if step >= 15:
                raise CutError

        def __getattr__(self, name: str) -> Callable[..., None]:
            return lambda *arguments, **named: None

    with pytest.raises(CutError):
        ftcore.run(spec, backend, tmp_path / "cut", observer=Cutting(), allow_code=True)  # type: ignore[arg-type]
    resumed = ftcore.run(spec, backend, tmp_path / "cut", resume=True, allow_code=True)
    np.testing.assert_allclose(losses(resumed), losses(whole), rtol=1e-5)
    found = written(resumed)
    for name, value in written(whole).items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-6)


@BACKENDS
def test_a_runs_tensors_are_the_weights_of_the_next(backend: str, task: Callable[..., Path], tmp_path: Path) -> None:
    first = ftcore.run(task(backend), backend, tmp_path / "first", ["training.max_steps=3"], allow_code=True)
    spec = task(backend, weights="first/model/model.safetensors")
    second = ftcore.run(spec, backend, tmp_path / "second", SMALL_STEP, allow_code=True)
    assert len(json.loads((second.folder / "environment.json").read_text())["weights_sha256"]) == 64
    given, found = written(first), written(second)
    trained = [name for name in given if "norm" not in name]
    assert trained
    for name in trained:
        np.testing.assert_allclose(found[name], given[name], atol=1e-6)
    with pytest.raises(FtcoreError, match=r"model\.safetensors: does not fit the module"):
        ftcore.run(
            task(backend, "one_array", weights="first/model/model.safetensors"),
            backend,
            tmp_path / "third",
            allow_code=True,
        )
    assert not (tmp_path / "third").exists()


def test_a_pth_file_of_torch(task: Callable[..., Path], tmp_path: Path) -> None:
    import torch

    namespace: dict[str, Any] = {}
    exec(TORCH, namespace)
    state = namespace["build"]().state_dict()
    torch.save({f"module.{name}": value for name, value in state.items()}, tmp_path / "state.pth")
    spec = task("torch", weights="state.pth")
    run = ftcore.run(spec, "torch", tmp_path / "run", SMALL_STEP, allow_code=True)
    np.testing.assert_allclose(written(run)["table.weight"], state["table.weight"].numpy(), atol=1e-6)


@pytest.mark.parametrize("name", ["w.weights.h5", "w.keras"])
def test_a_file_of_keras_into_a_model_that_is_not_built(name: str, task: Callable[..., Path], tmp_path: Path) -> None:
    namespace: dict[str, Any] = {}
    exec(KERAS, namespace)
    model = namespace["build"]()
    ones = np.ones((1, 4), np.int32)
    model({"input_ids": ones, "attention_mask": ones})
    (model.save_weights if name.endswith(".h5") else model.save)(tmp_path / name)
    run = ftcore.run(task("tf", weights=name), "tf", tmp_path / "run", SMALL_STEP, allow_code=True)
    given = np.asarray(model.table.embeddings)
    np.testing.assert_allclose(written(run)["net/table/embeddings"], given, atol=1e-6)


@pytest.mark.parametrize(("backend", "function"), [("torch", "one_array"), ("tf", "one_array"), ("tf", "named")])
def test_it_is_given_the_inputs_that_it_takes(
    backend: str, function: str, task: Callable[..., Path], tmp_path: Path
) -> None:
    run = ftcore.run(task(backend, function), backend, tmp_path / "run", allow_code=True)
    assert losses(run)[-1] < losses(run)[0]


@pytest.mark.parametrize(
    ("backend", "function", "message"),
    [
        ("torch", "broken", r"broken\(\) raised ValueError: no such layer"),
        ("tf", "broken", r"broken\(\) raised ValueError: no such layer"),
        ("torch", "breaks_later", "its module raised RuntimeError"),
        ("tf", "breaks_later", "its module raised KeyError"),
        ("torch", "two", r"logits of shape \[2, 2\] for 2 examples, but the task needs \[2, 3\]"),
        ("tf", "two", r"logits of shape \[2, 2\] for 2 examples, but the task needs \[2, 3\]"),
        ("torch", "others", "forward of Others takes words, pictures: call its parameters input_ids"),
        ("tf", "others", "has the inputs words, pictures: call them input_ids"),
        ("torch", "bild", r"has no function 'bild' \(did you mean build\?\)"),
        ("torch", "nothing", r"no registered backend recognises a builtins\.NoneType"),
    ],
)
def test_code_that_does_not_do(
    backend: str, function: str, message: str, task: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(FtcoreError, match=message) as caught:
        ftcore.run(task(backend, function), backend, tmp_path / "run", allow_code=True)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_threads_are_set_before_the_code_runs(task: Callable[..., Path], tmp_path: Path) -> None:
    words = ["run", task("tf", "named"), "--backend", "tf", "--output", tmp_path / "run", "--allow-code"]
    overrides = ["--set", "threads=1", "--set", "training.max_steps=1"]
    command = [sys.executable, "-m", "ftcore", *map(str, words), *overrides]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_module_of_the_other_framework(task: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="gives a module of backend 'tf': give --backend tf"):
        ftcore.run(task("tf"), "torch", tmp_path / "run", allow_code=True)


def test_a_file_that_is_not_there_or_not_meant(task: Callable[..., Path], tmp_path: Path) -> None:
    spec = task("torch")
    for module, message in (
        ("absent:build", "there is no absent in"),
        ("nets.absent:build", "there is no absent in nets, which is .*/nets$"),
        ("nets:build", "nets is a folder or built in"),
        ("code.net:build", r"there is no net in code, which is .*code\.py$"),
        ("sys:build", "sys is a folder or built in"),
    ):
        with pytest.raises(ModelError, match=message):
            ftcore.run(spec, "torch", tmp_path / "run", [f"model.module={module}"], allow_code=True)
    (tmp_path / "json.py").write_text("")
    with pytest.raises(ModelError, match=r"importing json gave .*, not .*json\.py: rename the file"):
        ftcore.run(spec, "torch", tmp_path / "run", ["model.module=json:build"], allow_code=True)


def test_nothing_runs_unless_it_is_allowed(
    task: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = task("torch")
    name = yaml.safe_load(spec.read_text())["model"]["module"]
    file = next((tmp_path / "nets").glob("net*.py"))
    file.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n{TORCH}")
    assert main(["run", str(spec), "--backend", "torch", "--output", str(tmp_path / "run")]) == 2
    expected = f"error: model.module: {name} would run the code of {file}: read it, then give --allow-code\n"
    assert capsys.readouterr().err == expected
    with pytest.raises(SpecError, match="would run the code"):
        ftcore.run(spec, "torch", tmp_path / "run")
    assert main(["spec", "check", str(spec)]) == 0
    assert f"model       {name}: code of {file}, not run here" in capsys.readouterr().out
    assert main(["spec", "check", str(spec), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == {"module": name, "file": str(file), "weights": None}
    assert main(["compare", str(spec), "--backends", "torch,tf", "--output", str(tmp_path / "both")]) == 2
    assert "is a module of one framework, which only ftcore run can train" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()
    words = ["--backend", "torch", "--output", str(tmp_path / "run"), "--set", "training.max_steps=1"]
    assert main(["run", str(spec), *words, "--allow-code"]) == 0
    assert (tmp_path / "ran").exists()
    capsys.readouterr()
    for command in ("evaluate", "predict"):
        assert main([command, str(tmp_path / "run"), "--data", str(tmp_path / "test.jsonl")]) == 2
        answer = capsys.readouterr().err
        assert "a module of your own" in answer
        assert "ftcore.load_weights" in answer
        assert answer.count("\n") == 1


def test_a_changed_spec_is_not_resumed(task: Callable[..., Path], tmp_path: Path) -> None:
    ftcore.run(task("torch"), "torch", tmp_path / "run", ["training.max_steps=1"], allow_code=True)
    with pytest.raises(RunError, match="another spec"):
        ftcore.run(task("torch", "two"), "torch", tmp_path / "run", resume=True, allow_code=True)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.tokenizer=null", "needed with module"),
        ("model.module=net", "given 'net'; write it as PACKAGE.FILE:FUNCTION"),
        ("model.pretrained=m", "give pretrained, from_scratch or module, not two of them"),
        ("model.pooling=mean", "is not for a module, which is trained as its function returns it"),
        ("model.normalize=true", "is not for a module, which is trained as its function returns it"),
        ("model.dropout=0.0", "is not for a module, which is trained as its function returns it"),
        ("model.trainable=head", "is not for a module, which is trained as its function returns it"),
        ("model.replace_head=true", "is not for a module, which is trained as its function returns it"),
        ("training.batching=packed", "given packed; allowed for a module: padded, sorted"),
        ("precision=bfloat16", "is not for a module, which has its own"),
        ("output.dtype=float16", "is not for a module, whose tensors"),
        ("data.pair=separate", "given separate; allowed for a module: joint"),
    ],
)
def test_fields_that_a_module_does_not_have(override: str, message: str, task: Callable[..., Path]) -> None:
    from ftcore.spec.reading import load_spec

    with pytest.raises(SpecError) as caught:
        load_spec(task("torch"), [override])
    assert message in str(caught.value)
