"""The networks of ftcore_keras give the same numbers on another engine of Keras, without TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch_engine
from ftcore_keras.tensorflow_engine.engine import ENGINE

from ftcore.conformance.measure import relative

HERE = Path(__file__).parent
BOUND = 1e-6
"""On every engine but TensorFlow `keras.ops.matmul` rounds float64 operands to float32: products are off by 1e-7."""


@pytest.mark.slow
def test_networks_are_the_same_on_another_engine(tmp_path: Path) -> None:
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    program = [sys.executable, str(HERE / "torch_engine.py"), str(tmp_path / "logits.npz")]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "logits.npz") as file:
        found = dict(file)
    wanted = torch_engine.logits(ENGINE)
    assert len(wanted) > 15
    assert set(found) == set(wanted)
    for name in wanted:
        assert relative(found[name], wanted[name]) < BOUND, name
    for name in torch_engine.DROPPING:
        assert relative(wanted[f"{name}, dropped"], wanted[name]) > 1e-3, name
