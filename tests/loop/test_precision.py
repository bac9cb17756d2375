"""bfloat16 and float16 round the operands of products alone: near float32, not equal to it; parameters stay float32."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import ftcore
from ftcore.conformance import curve
from ftcore.conformance.bert import CURVE
from ftcore.contract import Learner, Program
from ftcore.contract import discovery as backend
from ftcore.contract.optimizers.loss_scaling import INITIAL, LEAST, SCALE, STREAK
from ftcore.errors import RunError
from ftcore.models import decay_exempt
from tests.tiny import write_task

pytestmark = pytest.mark.slow
each_backend = pytest.mark.parametrize("name", backend.names())


def losses(run: ftcore.Run) -> np.ndarray:
    return np.array([event["loss"] for event in run.history if event["event"] == "train"])


@each_backend
@pytest.mark.parametrize(("rounded", "most", "kept_bits"), [("bfloat16", 0.03, 8), ("float16", 0.004, 11)])
def test_rounded_products_are_near_float32_with_dropout_on(
    tmp_path: Path, name: str, rounded: str, most: float, kept_bits: int
) -> None:
    task = write_task(tmp_path / "task", model__dropout=0.1)
    runs = {
        precision: ftcore.run(task, backend=name, output=tmp_path / precision, overrides=[f"precision={precision}"])
        for precision in ("float32", rounded)
    }
    plain, found = losses(runs["float32"]), losses(runs[rounded])
    difference = np.abs(found - plain) / plain
    assert 1e-7 < difference.max() < most
    tensors = load_file(runs[rounded].model_dir / "model.safetensors")
    assert {array.dtype for array in tensors.values()} == {np.dtype(np.float32)}
    # A parameter that was itself rounded would have no bits below those that its type keeps.
    bits = tensors["bert.encoder.layer.0.output.dense.weight"].view(np.uint32)
    assert (bits & (2 ** (24 - kept_bits) - 1)).any()


def curve_learner(name: str) -> Learner:
    network = CURVE.network()
    program = Program(
        network, CURVE.loss, curve.OPTIMIZER, 1.0, decay_exempt=decay_exempt(network), precision="float16"
    )
    learner = backend.load(name).build(program)
    learner.load_tensors({key: value.astype(np.float32) for key, value in CURVE.tensors.items()})
    return learner


@each_backend
def test_steps_are_skipped_until_the_loss_scale_fits(name: str) -> None:
    learner, steps = curve_learner(name), list(curve.steps())
    too_high = np.asarray(2.0**30, np.float32)
    learner.load_optimizer_state({**learner.optimizer_state(), SCALE: too_high})
    before, skipped = learner.tensors(), 0
    while not float(learner.train_step(steps[0]).finite):
        skipped += 1
        assert all(np.array_equal(value, before[key]) for key, value in learner.tensors().items())
    state = learner.optimizer_state()
    assert 2 < skipped < 30
    assert (float(state[SCALE]), int(state[STREAK]), int(state["step"])) == (2.0 ** (30 - skipped), 1, 1)


@each_backend
def test_a_run_whose_gradient_is_never_finite_is_stopped(tmp_path: Path, name: str) -> None:
    task = write_task(tmp_path / "task", training__epochs=12, optimizer__learning_rate=1e30)
    with pytest.raises(RunError, match="not finite"):
        ftcore.run(task, backend=name, output=tmp_path / "run", overrides=["precision=float16"])


def test_the_scale_begins_where_it_is_defined_to() -> None:
    state = curve_learner(backend.names()[0]).optimizer_state()
    assert (float(state[SCALE]), int(state[STREAK])) == (INITIAL, 0)
    assert INITIAL > LEAST
