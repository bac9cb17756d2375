"""bfloat16 rounds the operands of products alone: near float32, and not equal to it; parameters stay float32."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import ftcore
from ftcore import backend
from tests.tiny import write_task

pytestmark = pytest.mark.slow


def losses(run: ftcore.Run) -> np.ndarray:
    return np.array([event["loss"] for event in run.history if event["event"] == "train"])


@pytest.mark.parametrize("name", backend.names())
def test_bfloat16_is_near_float32_with_dropout_on(tmp_path: Path, name: str) -> None:
    task = write_task(tmp_path / "task", model__dropout=0.1)
    runs = {
        precision: ftcore.run(task, backend=name, output=tmp_path / precision, overrides=[f"precision={precision}"])
        for precision in ("float32", "bfloat16")
    }
    plain, rounded = losses(runs["float32"]), losses(runs["bfloat16"])
    difference = np.abs(rounded - plain) / plain
    assert 1e-7 < difference.max() < 0.03
    tensors = load_file(runs["bfloat16"].model_dir / "model.safetensors")
    assert {array.dtype for array in tensors.values()} == {np.dtype(np.float32)}
    # A parameter that was itself rounded would have no bits below bfloat16's eight.
    bits = tensors["bert.encoder.layer.0.output.dense.weight"].view(np.uint32)
    assert (bits & 0xFFFF).any()
