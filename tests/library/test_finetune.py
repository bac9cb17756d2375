"""`ftcore.finetune`: a user's own module through the one loop."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ftcore
from ftcore.errors import BackendError, DataError, RunError, SpecError

generator = np.random.default_rng(0)
INPUTS = generator.normal(size=(200, 8)).astype(np.float32)
LABELS = (INPUTS[:, 0] + INPUTS[:, 1] > 0).astype(int)


def torch_module() -> Any:
    from torch import nn

    return nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 2))


def keras_module() -> Any:
    import keras

    layers = keras.layers
    return keras.Sequential(
        [layers.Input((8,)), layers.Dense(16), layers.BatchNormalization(), layers.ReLU(), layers.Dense(2)]
    )


def tensors(module: Any) -> list[np.ndarray]:
    if hasattr(module, "state_dict"):
        return [value.detach().numpy().copy() for value in module.state_dict().values()]
    return [np.asarray(value) for value in module.get_weights()]


MODULES = pytest.mark.parametrize("build", [torch_module, keras_module])


@MODULES
def test_trains_in_place_and_returns_a_run(tmp_path: Path, build: Any) -> None:
    module = build()
    before = tensors(module)
    run = ftcore.finetune(
        module, INPUTS, LABELS, learning_rate=1e-2, epochs=20, validation=0.2, keep="best", output=tmp_path / "run"
    )
    assert run.metrics["validation"]["accuracy"] >= 0.9
    assert run.result["steps"] == 100
    assert all(not np.array_equal(one, other) for one, other in zip(before, tensors(module), strict=True))
    names = {path.name for path in run.folder.iterdir()}
    assert {"spec.yaml", "environment.json", "metrics.jsonl", "result.json", "model", "checkpoints"} <= names


@MODULES
def test_the_same_call_twice_gives_the_same_curve(tmp_path: Path, build: Any) -> None:
    curves = []
    for number in range(2):
        module = build()
        start = np.random.default_rng(1)
        _set(module, [start.normal(size=value.shape).astype(np.float32) ** 2 for value in tensors(module)])
        run = ftcore.finetune(module, INPUTS, LABELS, epochs=2, output=tmp_path / str(number))
        curves.append([event["loss"] for event in run.history])
    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-6)


def _set(module: Any, values: list[np.ndarray]) -> None:
    if not hasattr(module, "state_dict"):
        module.set_weights(values)
        return
    import torch

    for old, new in zip(module.state_dict().values(), values, strict=True):
        old.copy_(torch.from_numpy(np.asarray(new)))


@MODULES
def test_inputs_of_another_floating_type(tmp_path: Path, build: Any) -> None:
    run = ftcore.finetune(build(), INPUTS.astype(np.float64), LABELS, max_steps=2, output=tmp_path / "run")
    assert run.result["steps"] == 2


def test_inputs_by_position_and_by_name(tmp_path: Path) -> None:
    import torch
    from torch import nn

    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.line = nn.Linear(8, 1)

        def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
            return self.line(torch.cat([left, right], dim=1)).squeeze(1)

    left, right = INPUTS[:, :4], INPUTS[:, 4:]
    curves = []
    for number, inputs in enumerate(([left, right], {"right": right, "left": left})):
        torch.manual_seed(0)
        run = ftcore.finetune(
            Two(), inputs, INPUTS.sum(axis=1), loss="mean-squared-error", epochs=2, output=tmp_path / str(number)
        )
        curves.append([event["loss"] for event in run.history])
    assert curves[0] == curves[1]


def test_keras_functional_model_with_named_inputs(tmp_path: Path) -> None:
    import keras

    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    outputs = keras.layers.Dense(2)(keras.layers.Concatenate()([left, right]))
    inputs = {"left": INPUTS[:, :4], "right": INPUTS[:, 4:]}
    for number, model in enumerate(
        (keras.Model({"left": left, "right": right}, outputs), keras.Model([left, right], outputs))
    ):
        given = inputs if number == 0 else list(inputs.values())
        run = ftcore.finetune(model, given, LABELS, epochs=10, learning_rate=1e-2, output=tmp_path / str(number))
        history = run.history
        assert history[-1]["loss"] < history[0]["loss"]


def test_a_state_dict_and_a_pickled_module_as_the_readme_shows(tmp_path: Path) -> None:
    import torch

    torch.save(torch_module().state_dict(), tmp_path / "state.pth")
    torch.save(torch_module(), tmp_path / "whole.pth")
    net = torch_module()
    net.load_state_dict(torch.load(tmp_path / "state.pth", weights_only=True))
    whole = torch.load(tmp_path / "whole.pth", weights_only=False)
    for number, module in enumerate((net, whole)):
        run = ftcore.finetune(
            module,
            INPUTS,
            LABELS,
            loss="cross-entropy",
            optimizer="adam",
            learning_rate=1e-3,
            epochs=2,
            output=tmp_path / str(number),
        )
        assert run.result["steps"] == 14


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"loss": "crossentropy"}, SpecError, "did you mean cross-entropy"),
        ({"optimizer": "adamm"}, SpecError, "did you mean adam"),
        ({"labels": LABELS.astype(float)}, DataError, "integers from 0"),
        ({"labels": LABELS[:-1]}, DataError, "has 200 examples, and labels has 199"),
        ({"micro_batch_size": 8}, BackendError, "batch normalization"),
        ({"epochs": -1}, SpecError, "epochs"),
        ({"validation": 2}, SpecError, "validation: given 2; allowed: a number above 0 and below 1, a tuple"),
        ({"validation": True}, SpecError, "validation: given true; allowed: a number above 0 and below 1, a tuple"),
        ({"validation": (INPUTS,)}, SpecError, "validation: given a list; allowed: a number above 0 and below 1"),
        ({"module": object()}, BackendError, "no registered backend recognises"),
        ({"inputs": INPUTS[:0], "labels": LABELS[:0]}, DataError, "there is no example"),
    ],
)
def test_bad_calls(tmp_path: Path, changes: dict[str, Any], error: type[Exception], message: str) -> None:
    given = {"module": torch_module(), "inputs": INPUTS, "labels": LABELS, **changes}
    with pytest.raises(error, match=message):
        ftcore.finetune(**given, output=tmp_path / "run")
    assert not (tmp_path / "run" / "result.json").exists()


def test_an_output_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match="not empty"):
        ftcore.finetune(torch_module(), INPUTS, LABELS, output=tmp_path)
