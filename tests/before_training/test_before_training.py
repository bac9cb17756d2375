"""What stops a run is said before its first step, and before its folder is made."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

import ftcore
from ftcore import library
from ftcore.contract import discovery as backends
from ftcore.contract.optimizers import OPTIMIZERS
from ftcore.errors import BackendError, DataError, FtcoreError, ModelError, RunError, SpecError
from ftcore.machine import available_memory, memory_limit
from ftcore.observer import Silent
from ftcore.runs import bind, resources
from ftcore.runs.before_training import smallest_step
from ftcore.spec import load_spec
from tests.heard import Heard
from tests.tiny import WORDS, write_task

each_backend = pytest.mark.parametrize("backend", backends.names())


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_task(tmp_path_factory.mktemp("task"))


@pytest.mark.parametrize(
    ("settings", "step"),
    [
        (["training.batch_size=8"], (1, 8)),
        (["training.batch_size=13"], (4, 1)),
        (["training.batch_size=13", "training.max_steps=3", "training.epochs=null"], (1, 13)),
        (["training.batch_size=64"], (1, 40)),
        (["training.batch_size=1"], (1, 1)),
    ],
)
def test_the_smallest_step_is_that_of_the_batches_drawn(task: Path, settings: list[str], step: tuple[int, int]) -> None:
    from ftcore.data import EpochSampler

    plan = bind(load_spec(task, settings), task.parent, Silent()).plan
    assert smallest_step(plan, 40) == step
    sampler = EpochSampler(40, plan.batch_size, plan.seed)
    sizes = [len(sampler.ids(number)) for number in range(1, plan.total_steps + 1)]
    assert (sizes.index(min(sizes)) + 1, min(sizes)) == step


def test_a_last_image_alone_is_refused_before_the_first_step(tmp_path: Path) -> None:
    import transformers
    from PIL import Image

    config = transformers.ResNetConfig(embedding_size=4, hidden_sizes=[4, 4], depths=[1, 1], num_channels=3)
    transformers.ResNetModel(config).save_pretrained(tmp_path / "model")
    processor = {"image_processor_type": "ViTImageProcessor", "size": {"height": 8, "width": 8}}
    (tmp_path / "model" / "preprocessor_config.json").write_text(json.dumps(processor))
    for number in range(9):
        place = tmp_path / "train" / ("a" if number % 2 else "b")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), number * 20, np.uint8)).save(place / f"{number}.png")
    spec = tmp_path / "task.yaml"
    spec.write_text("task: image-classification\nmodel: {pretrained: model}\ndata: {train: train}\n")
    with pytest.raises(
        SpecError, match=r"^training.batch_size: step 3 has 1 of the 9 training images: a training batch"
    ):
        bind(load_spec(spec, ["training.batch_size=4"]), tmp_path, Silent())
    for settings in (
        ["training.batch_size=3"],
        ["training.batch_size=4", "training.max_steps=2", "training.epochs=null"],
    ):
        bind(load_spec(spec, settings), tmp_path, Silent())


def test_a_split_without_a_label_that_counts_is_refused(tmp_path: Path) -> None:
    task = write_task(tmp_path, loss={"name": "cross-entropy", "class_weights": {"thing": 0.0}})
    rows = [json.dumps({"text": "dog cat", "label": "thing"}) for _ in range(3)]
    (tmp_path / "test.jsonl").write_text("\n".join(rows))
    with pytest.raises(DataError, match=r"^test: no label counts in the loss, which is therefore undefined"):
        bind(load_spec(task), tmp_path, Silent())


@pytest.mark.slow
@each_backend
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_checkpoint_has_the_size_that_was_foreseen(backend: str, optimizer: str, task: Path, tmp_path: Path) -> None:
    settings = [
        f"optimizer={{name: {optimizer}, learning_rate: 1.0e-3}}",
        "training.max_steps=1",
        "training.epochs=null",
    ]
    bound = bind(load_spec(task, settings), task.parent, Silent())
    size = bound.network.state_size(OPTIMIZERS[optimizer]())
    assert size is not None
    run = ftcore.run(task, backend=backend, output=tmp_path / "run", overrides=settings)
    (checkpoint,) = (run.folder / "checkpoints").iterdir()
    files = [load_file(checkpoint / f"{name}.safetensors") for name in ("tensors", "optimizer")]
    arrays = [array for tensors in files for name, array in tensors.items() if name != "step"]
    assert sum(array.nbytes for array in arrays) == size.checkpoint
    assert size.step == size.checkpoint + sum(array.nbytes for array in files[0].values())


def test_a_full_disk_is_found_before_anything_is_written(
    task: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(resources.shutil, "disk_usage", lambda path: usage._replace(free=100_000))
    with pytest.raises(
        RunError,
        match=r"run: the run needs about 0\.\d MiB of disk \(3 checkpoints of 0\.\d MiB\), and 0\.1 MiB are free",
    ):
        ftcore.run(task, backend="torch", output=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_model_beyond_the_memory_is_refused_before_its_values_are_read(
    task: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "memory_limit", lambda: 10_000)
    with pytest.raises(
        ModelError, match=r"^model: the parameters of this bert take 0.0 MiB in float32, and this machine"
    ):
        bind(load_spec(task), task.parent, Silent())


def test_a_step_beyond_the_memory_is_refused_or_said(
    task: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "memory_limit", lambda: 60_000)
    with pytest.raises(
        RunError, match=r"^a step needs .* for parameters, gradients and the state of adamw, and this machine"
    ):
        ftcore.run(task, backend="torch", output=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    monkeypatch.setattr(resources, "memory_limit", memory_limit)
    monkeypatch.setattr(resources, "available_memory", lambda: 150_000)
    heard = Heard()
    ftcore.run(task, backend="torch", output=tmp_path / "run", overrides=["training.max_steps=1"], observer=heard)
    (note,) = [line for line in heard.notes if "of memory" in line]
    assert note.endswith("training.micro_batch_size or data.max_length makes it smaller")


def test_this_machine_has_memory() -> None:
    assert 0 < available_memory() <= memory_limit()


@pytest.mark.slow
@each_backend
def test_a_length_of_ftcore_json_beyond_the_positions_is_refused(backend: str, task: Path, tmp_path: Path) -> None:
    run = ftcore.run(task, backend=backend, output=tmp_path / "run", overrides=["training.max_steps=1"])
    path, data = run.model_dir / "ftcore.json", tmp_path / "long.jsonl"
    path.write_text(json.dumps({**json.loads(path.read_text()), "max_length": 200}))
    data.write_text(json.dumps({"text": " ".join(WORDS * 5), "label": "thing"}) + "\n")
    for command in (library.predict, library.evaluate):
        with pytest.raises(ModelError, match=r"ftcore.json: max_length: given 200, but the model has 32 positions"):
            command(run.folder, data, backend=backend)


@each_backend
@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("device=meta", r"device 'meta' cannot be used: \w+ has cpu here"),
        ("device=tpu", r"device 'tpu' cannot be used: \w+ has cpu here"),
        ("threads=100000", r"threads: given 100000; allowed: a whole number from 1 to 4,096"),
    ],
)
def test_devices_and_threads_that_cannot_be_are_refused_by_name(
    backend: str, setting: str, message: str, task: Path, tmp_path: Path
) -> None:
    with pytest.raises(BackendError, match=message):
        ftcore.run(task, backend=backend, output=tmp_path / "run", overrides=[setting])
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: library.run("t.yaml", overrides="training.max_steps=1"), r"^overrides: given 'training.max_steps=1'"),
        (lambda: library.compare("t.yaml", "torch"), r"^backends: given 'torch'; allowed: a list, such as \['torch'\]"),
        (lambda: library.predict("m", "d.csv", keep="label"), r"^keep: given 'label'; allowed: a list"),
        (lambda: library.predict_rows("m", [], keep="label"), r"^keep: given 'label'"),
        (lambda: library.features("m", "d.csv", keep="label"), r"^keep: given 'label'"),
        (lambda: library.features("m", "d.csv", columns="text"), r"^columns: given 'text'; allowed: a mapping"),
        (lambda: library.evaluate("m", "d.csv", input_format="xml"), r"^input_format: given 'xml'; allowed: jsonl"),
    ],
)
def test_a_wrong_argument_of_the_library_is_one_line(call: Any, message: str) -> None:
    with pytest.raises(FtcoreError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def torch_module() -> Any:
    return torch.nn.Linear(4, 2)


def keras_module() -> Any:
    import keras

    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])


INPUTS = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
LABELS = (INPUTS[:, 0] > 0).astype(int)


@pytest.mark.parametrize("build", [torch_module, keras_module])
@pytest.mark.parametrize(
    ("inputs", "labels", "settings", "message"),
    [
        (
            INPUTS,
            LABELS + 1,
            {},
            r"^labels: train has the class 2, but the module gives 2 logits, for the classes 0 to 1",
        ),
        (INPUTS, LABELS, {"validation": (INPUTS, LABELS + 4)}, r"^labels: validation has the class 5, but"),
        (INPUTS[:, :3], LABELS, {}, r"^finetune: the module raised \w+ on train inputs of shape .*\[2, 3\]"),
        (INPUTS, LABELS, {"validation": (INPUTS[:, :3], LABELS)}, r"^finetune: the module raised \w+ on validation"),
        (
            INPUTS,
            INPUTS[:, 0],
            {"loss": "mean-squared-error"},
            r"gives logits \[2, 2\] for train, but .* needs \[2, 1\]",
        ),
        (INPUTS, LABELS, {"optimizer": None}, r"^finetune: optimizer: given"),
    ],
)
def test_arrays_that_do_not_fit_a_module_are_refused_before_the_first_step(
    build: Any, inputs: Any, labels: Any, settings: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(FtcoreError, match=message) as caught:
        ftcore.finetune(build(), inputs, labels, max_steps=1, output=tmp_path / "run", **settings)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_module_that_cannot_take_its_last_step_is_said_before_and_named_then(tmp_path: Path) -> None:
    module, heard = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 2)), Heard()
    with pytest.raises(
        ModelError, match=r"^step 3: the module raised ValueError on inputs of shape .*Expected more than 1"
    ):
        ftcore.finetune(module, INPUTS, LABELS, batch_size=4, epochs=1, output=tmp_path / "run", observer=heard)
    assert any(note.startswith("step 3 has one of the 9 training examples") for note in heard.notes)
