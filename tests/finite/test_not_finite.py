"""Values that are not finite stop every command with one line that says where; they are never written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import ftcore
from ftcore import library
from ftcore.cli.main import main
from ftcore.contract import Step, StepResult
from ftcore.contract import discovery as backends
from ftcore.errors import ModelError, NotFiniteError, RunError
from ftcore.files import write_json
from ftcore.generation.finite import FiniteDecoding
from ftcore.loop.journal import Journal
from tests.tiny import text, write_rows, write_task

each_backend = pytest.mark.parametrize("backend", backends.names())
TENSOR = "encoder.layer.1.intermediate.dense.weight"


def changed(folder: Path, name: str, change: Callable[[np.ndarray], Any]) -> None:
    """Change a tensor of a model folder."""
    tensors = load_file(folder / "model.safetensors")
    (found,) = [key for key in tensors if key.endswith(name)]
    change(tensors[found])
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def set_nan(array: np.ndarray) -> None:
    array[0, 1] = np.nan


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


def one_line(error: str, *parts: str) -> None:
    lines = [line for line in error.splitlines() if line.startswith("error")]
    assert len(lines) == 1, error
    assert all(part in lines[0] for part in parts), error


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    task = write_task(folder / "task")
    settings = ["training.max_steps=1"]
    names = backends.names()
    return {name: ftcore.run(task, backend=name, output=folder / name, overrides=settings).folder for name in names}


def copied(run: Path, folder: Path) -> Path:
    import shutil

    shutil.copytree(run / "model", folder)
    return folder


@pytest.mark.slow
@each_backend
def test_an_encoder_that_overflows_float16_is_found_at_the_first_step(
    backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = write_task(tmp_path)
    changed(tmp_path / "model", TENSOR, lambda array: np.multiply(array, 1e6, out=array))
    command = ["run", str(task), "--backend", backend, "--output", str(tmp_path / "run")]
    assert main([*command, "--set", "precision=float16"]) == 2
    one_line(capsys.readouterr().err, "step 1: the loss", "not finite from block 2 of 2 on", "precision: bfloat16")
    assert not (tmp_path / "run" / "result.json").exists()
    events = [json.loads(line, parse_constant=pytest.fail) for line in lines_of(tmp_path / "run" / "metrics.jsonl")]
    assert [event["loss"] for event in events] == [None]


@pytest.mark.slow
@each_backend
def test_a_last_step_that_ruins_the_parameters_is_found_by_the_evaluation(backend: str, tmp_path: Path) -> None:
    task = write_task(tmp_path, optimizer={"name": "sgd", "learning_rate": 1e37}, training__clip_norm=None)
    with pytest.raises(RunError, match=r"^(validation(, row \d+)?, after step 1: .* not finite|step 1: tensor)"):
        ftcore.run(task, backend=backend, output=tmp_path / "run", overrides=["training.max_steps=1"])
    assert not (tmp_path / "run" / "result.json").exists()


@pytest.mark.slow
@each_backend
def test_every_command_refuses_a_checkpoint_with_nan(
    backend: str, runs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, data = copied(runs[backend], tmp_path / "model"), write_rows(tmp_path / "new.jsonl", 3)
    changed(model, TENSOR, set_nan)
    output = tmp_path / "vectors.npy"
    for command in (
        ["predict", str(model), "--data", str(data)],
        ["evaluate", str(model), "--data", str(data)],
        ["features", str(model), "--data", str(data), "--output", str(output)],
    ):
        assert main([*command, "--backend", backend]) == 2
        found = capsys.readouterr()
        one_line(found.err, "model", "1 of 512 values of tensor", TENSOR, "not finite")
        assert found.out == ""
    assert not output.exists()
    task = write_task(tmp_path / "task")
    changed(tmp_path / "task" / "model", TENSOR, set_nan)
    with pytest.raises(ModelError, match=r"1 of 512 values of tensor '.*' are not finite"):
        ftcore.run(task, backend=backend, output=tmp_path / "run")


@pytest.mark.slow
@each_backend
def test_a_row_whose_outputs_overflow_is_named(
    backend: str, runs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The word of one row alone has an embedding that overflows."""
    model, data = copied(runs[backend], tmp_path / "model"), tmp_path / "new.jsonl"
    rows = [
        {"text": "red dog", "label": "thing"},
        {"text": "small cat", "label": "size"},
        {"text": "cold", "label": "thing"},
    ]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    number = json.loads((model / "tokenizer.json").read_text())["model"]["vocab"]["cold"]

    def overflow(array: np.ndarray) -> None:
        array[number] = 3e38 * np.where(np.arange(array.shape[1]) % 2, 1, -1)

    changed(model, "embeddings.word_embeddings.weight", overflow)
    where = "new.jsonl:3: row 3"
    for command in (
        ["predict", str(model), "--data", str(data)],
        ["features", str(model), "--data", str(data), "--output", str(tmp_path / "v.npy")],
        ["features", str(model), "--data", str(data), "--output", str(tmp_path / "v.parquet"), "--pooling", "none"],
    ):
        assert main([*command, "--backend", backend]) == 2
        one_line(capsys.readouterr().err, where, "not finite from the embeddings on")
    assert main(["evaluate", str(model), "--data", str(data), "--backend", backend]) == 2
    one_line(capsys.readouterr().err, "new.jsonl: row 3", "not finite from the embeddings on")
    assert not list(tmp_path.glob("v.*"))


@pytest.mark.slow
@each_backend
def test_kept_numbers_that_json_does_not_have(backend: str, runs: dict[str, Path], tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    data, output = tmp_path / "new.parquet", tmp_path / "out.jsonl"
    parquet.write_table(pyarrow.table({"text": [text(0), text(1)], "x": [float("nan"), 0.5]}), data)
    library.predict(runs[backend], data, backend=backend, output=output, keep=["x"])
    found = [json.loads(line, parse_constant=pytest.fail)["x"] for line in output.read_text().splitlines()]
    assert found in ([None, 0.5],)


def test_json_files_have_no_nan(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"x.json: a number to write is NaN or infinite"):
        write_json(tmp_path / "x.json", {"value": [1.0, float("nan")]})
    assert not (tmp_path / "x.json").exists()


def result(loss: float, norm: float) -> StepResult:
    return StepResult(loss, norm, float(np.isfinite(loss) and np.isfinite(norm)))


def step(index: int) -> Step:
    return Step(index, [], 1.0, 0.1)


def test_a_gradient_may_overflow_while_the_loss_scale_falls_and_a_loss_may_not(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.jsonl", 0, most_skipped=17)
    for index in range(1, 18):
        journal.train(step(index), result(0.5, np.inf), 0.0)
    journal.train(step(18), result(0.5, 2.0), 0.0)
    journal.close()
    events = [json.loads(line, parse_constant=pytest.fail) for line in lines_of(tmp_path / "a.jsonl")]
    assert [event["grad_norm"] for event in events] == [*[None] * 17, 2.0]
    journal = Journal(tmp_path / "b.jsonl", 0, 17, lambda step: "from block 3 of 6 on")
    with pytest.raises(RunError, match=r"^step 1: the loss \(nan\).* not finite from block 3 of 6 on; .*bfloat16"):
        journal.train(step(1), result(np.nan, np.nan), 0.0)


def test_a_run_in_which_no_step_was_taken_has_no_result(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    journal = Journal(path, 0, most_skipped=17)
    for index in range(1, 4):
        journal.train(step(index), result(0.5, np.inf), 0.0)
    with pytest.raises(RunError, match="none of the 3 steps had a finite gradient"):
        journal.close()
    # A resumed run knows the steps that were taken before.
    Journal(path, 3, 17).train(step(4), result(0.5, 1.0), 0.0)
    journal = Journal(path, 3, 17)
    journal.train(step(4), result(0.5, np.inf), 0.0)
    with pytest.raises(RunError, match="none of the 1 steps"):
        journal.close()
    taken = Journal(path, 3, 17)
    taken.train(step(4), result(0.5, 1.0), 0.0)
    taken.close()
    later = Journal(path, 4, 17)
    later.train(step(5), result(0.5, np.inf), 0.0)
    later.close()


class Growing:
    """Logits of three sequences; after one more token, the second that is asked for is NaN."""

    logits = np.zeros((3, 4))

    def next(self, tokens: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
        found = np.zeros((len(tokens), 4))
        found[1, 2] = np.nan
        return found


def test_generation_names_the_prompt_whose_logits_are_nan() -> None:
    decoding = FiniteDecoding(Growing())
    with pytest.raises(NotFiniteError, match="logits of a generated token") as caught:
        decoding.next(np.zeros(2, np.int32), np.array([0, 2]))
    assert caught.value.example == 2
