"""A file's tensors into a user's own module: exact, with the wrappers that people save, and nothing of it run."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ftcore
from ftcore.errors import ModelError

INPUTS = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
LABELS = (INPUTS[:, 0] > 0).astype(int)


def torch_module(outputs: int = 2) -> Any:
    from torch import nn

    return nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, outputs))


def tied_module() -> Any:
    from torch import nn

    module = nn.ModuleDict({"table": nn.Embedding(5, 3), "output": nn.Linear(3, 5, bias=False)})
    module["output"].weight = module["table"].weight
    return module


def keras_module(outputs: int = 2, hidden: int = 1) -> Any:
    import keras

    layers = keras.layers
    inner = [layer for _ in range(hidden) for layer in (layers.Dense(6), layers.BatchNormalization(), layers.ReLU())]
    return keras.Sequential([layers.Input((4,)), *inner, layers.Dropout(0.1), layers.Dense(outputs)])


def refusal(module: Any, path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        ftcore.load_weights(module, path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("build", [torch_module, tied_module])
def test_a_state_dict_of_torch_in_every_wrapper(build: Any, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_model

    given, path = build(), tmp_path / "w.pth"
    state = given.state_dict()
    contents = {
        "plain": (state, []),
        "parallel": (
            torch.nn.DataParallel(given).state_dict(),
            ["w.pth: the prefix 'module.' of data parallel is removed from every name"],
        ),
        "lightning": (
            {"pytorch-lightning_version": "2", "state_dict": {f"net.{name}": value for name, value in state.items()}},
            [
                "w.pth: the tensors are those under 'state_dict' of a Lightning checkpoint",
                "w.pth: not read: pytorch-lightning_version",
                "w.pth: the prefix 'net.' is removed from every name",
            ],
        ),
    }
    for content, notes in contents.values():
        torch.save(content, path)
        module = build()
        assert ftcore.load_weights(module, path) == notes
        for name, value in module.state_dict().items():
            assert torch.equal(value, state[name])
    if build is torch_module:
        save_model(given, str(tmp_path / "w.safetensors"))
        assert ftcore.load_weights(build(), tmp_path / "w.safetensors") == []


def test_a_prefix_that_the_module_has_itself_stays(tmp_path: Path) -> None:
    import torch

    module = torch.nn.ModuleDict({"module": torch.nn.Linear(2, 2)})
    torch.save({"state_dict": module.state_dict()}, tmp_path / "w.pth")
    assert ftcore.load_weights(module, tmp_path / "w.pth") == [
        "w.pth: the tensors are those under 'state_dict' of a training's checkpoint"
    ]


def test_half_precision_goes_into_the_modules_own(tmp_path: Path) -> None:
    import torch

    given, module = torch_module().to(torch.bfloat16), torch_module()
    torch.save(given.state_dict(), tmp_path / "w.pth")
    ftcore.load_weights(module, tmp_path / "w.pth")
    assert module[0].weight.dtype == torch.float32
    assert torch.equal(module[0].weight, given[0].weight.float())


def test_a_state_dict_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    import torch

    module, path = torch_module(), tmp_path / "w.pth"
    before = {name: value.clone() for name, value in module.state_dict().items()}
    torch.save(torch_module(3).state_dict(), path)
    assert refusal(module, path) == (
        "does not fit the module: '3.weight' is [3, 6], not [2, 6]; '3.bias' is [3], not [2]"
    )
    torch.save({name: value for name, value in before.items() if name != "0.bias"} | {"4.bias": torch.ones(1)}, path)
    assert refusal(module, path) == "does not fit the module: it lacks tensor '0.bias'; it has tensor '4.bias' too much"
    torch.save(before | {"0.weight": before["0.weight"].to(torch.int8)}, path)
    assert "tensor '0.weight' is int8; ftcore reads float32" in refusal(module, path)
    torch.save(before | {"1.num_batches_tracked": torch.tensor(0.5)}, path)
    assert "tensor '1.num_batches_tracked' is torch.float32, and the module's is torch.int64" in refusal(module, path)
    torch.save(module, path)
    assert "holds a pickled object of torch.nn.modules.container.Sequential" in refusal(module, path)
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize("name", ["w.weights.h5", "w.keras"])
def test_weights_of_keras(name: str, tmp_path: Path) -> None:
    given, module, path = keras_module(), keras_module(), tmp_path / name
    given.compile("adam", "mse")
    given.optimizer.build(given.trainable_variables)  # its variables are in the file as well
    given.save(path) if name == "w.keras" else given.save_weights(path)
    assert ftcore.load_weights(module, path) == []
    for own, wanted in zip(module.get_weights(), given.get_weights(), strict=True):
        np.testing.assert_array_equal(own, wanted, strict=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        # Keras itself loads this one without a word
        ({"hidden": 2}, "it has tensors 'layers/batch_normalization_1/vars/0', "),
        ({"hidden": 0}, "it lacks tensors 'layers/batch_normalization/vars/0', "),
        ({"outputs": 3}, "'layers/dense_1/vars/0' is [6, 3], not [6, 2]"),
    ],
)
def test_weights_of_keras_that_do_not_fit_change_nothing(given: dict[str, int], message: str, tmp_path: Path) -> None:
    module, path = keras_module(), tmp_path / "w.weights.h5"
    before = module.get_weights()
    keras_module(**given).save_weights(path)
    assert message in refusal(module, path)
    for own, wanted in zip(module.get_weights(), before, strict=True):
        np.testing.assert_array_equal(own, wanted)


def test_a_file_of_keras_is_not_built_but_read(tmp_path: Path) -> None:
    module, path = keras_module(), tmp_path / "w.keras"
    module.save(path)
    with zipfile.ZipFile(path) as archive:
        weights = archive.read("model.weights.h5")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", '{"module": "os", "class_name": "system", "config": {"command": "false"}}')
        archive.writestr("model.weights.h5", weights)
    assert ftcore.load_weights(module, path) == []


def test_a_runs_tensors_go_into_a_model_that_keras_numbered_anew(tmp_path: Path) -> None:
    import keras

    def numbered(units: int = 2) -> Any:
        return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(units, name="last")])

    first, second = numbered(), numbered()
    run = ftcore.finetune(first, INPUTS, LABELS, max_steps=2, output=tmp_path / "run")
    path = run.model_dir / "model.safetensors"
    assert ftcore.load_weights(first, path) == []
    (note,) = ftcore.load_weights(second, path)
    assert note == f"model.safetensors: {first.name}/last/kernel is {second.name}/last/kernel here"
    np.testing.assert_array_equal(first.predict_on_batch(INPUTS), second.predict_on_batch(INPUTS))
    assert f"'{first.name}/last/kernel' is [4, 2], not [4, 3]" in refusal(numbered(3), path)


def test_other_files_for_a_keras_model(tmp_path: Path) -> None:
    import keras
    import torch

    path = tmp_path / "w.pth"
    torch.save({}, path)
    assert "a keras.Model takes .weights.h5 or .keras" in refusal(keras_module(), path)
    for name in ("w.weights.h5", "w.keras"):
        (tmp_path / name).write_bytes(b"nothing")
        assert "is truncated or not a file of Keras" in refusal(keras_module(), tmp_path / name)
        assert "there is no such file" in refusal(keras_module(), tmp_path / "absent" / name)
    assert "is not built" in refusal(keras.Sequential([keras.layers.Dense(2)]), tmp_path / "w.keras")


@pytest.mark.parametrize("build", [torch_module, keras_module])
def test_finetune_begins_with_a_file(build: Any, tmp_path: Path) -> None:
    import torch

    given, module = build(), build()
    path = tmp_path / ("w.pth" if build is torch_module else "w.weights.h5")
    torch.save(given.state_dict(), path) if build is torch_module else given.save_weights(path)
    curves = []
    for number, options in enumerate(({"module": given}, {"module": module, "weights": path})):
        run = ftcore.finetune(inputs=INPUTS, labels=LABELS, max_steps=3, output=tmp_path / str(number), **options)
        curves.append([event["loss"] for event in run.history])
    assert curves[0] == curves[1]
    environment = json.loads((tmp_path / "1" / "environment.json").read_text())
    assert environment["weights_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
