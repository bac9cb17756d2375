"""The backend as a whole: what it says of itself, what it refuses, and that a served network gives the same logits."""

import os
import subprocess
import sys
from pathlib import Path

import keras_cases as cases
import numpy as np
import pytest
from ftcore_keras import KerasBackend

from ftcore.contract import Program, Want
from ftcore.errors import BackendError


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, timeout=120
    )


def test_info_names_versions_and_overrides() -> None:
    info = KerasBackend().info()
    assert info.name == "tf"
    assert "cpu" in info.devices
    assert set(info.versions) == {"tensorflow", "keras"}
    rows = {row.subject: row for row in info.overrides}
    assert rows["LayerNormalization's epsilon"].framework_default == "0.001"
    assert rows["Adam's epsilon"].framework_default.startswith("1e-07")
    assert rows["AdamW's weight decay"].framework_default.startswith("0.004")
    assert all(row.subject and row.framework_default and row.contract and row.why for row in info.overrides)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"options": {"xlaa": True}}, r"no option 'xlaa' \(did you mean xla\?\)"),
        ({"options": {"xla": "yes"}}, "true or false"),
        ({"options": {"threads": 97}}, "comes too late"),
        ({"precision": "float8"}, "allowed: float32, float64, bfloat16, float16"),
    ],
)
def test_what_is_not_supported_is_refused(change: dict[str, object], message: str) -> None:
    cases.learner(cases.features_network(5, 3))  # TensorFlow has run
    with pytest.raises(BackendError, match=message):
        KerasBackend().build(Program(cases.features_network(5, 3), **change))


@pytest.mark.parametrize("device", ["tpu", "cpu:x", "cuda:7"])
def test_an_unknown_device_is_refused(device: str) -> None:
    with pytest.raises(BackendError, match="cannot be used"):
        KerasBackend().build(Program(cases.features_network(5, 3)), device)


@pytest.mark.slow
def test_neither_torch_nor_transformers_is_imported_and_keras_is_on_tensorflow() -> None:
    code = (
        "import sys; from ftcore.contract import discovery as backend; b = backend.load('tf'); b.info(); import keras;"
        "from ftcore_keras.tensorflow_engine import learner;"
        "print(keras.backend.backend(), sorted({'torch', 'transformers', 'jax'} & set(sys.modules)))"
    )
    done = run(code)
    assert done.stdout.strip() == "tensorflow []", done.stderr


def test_the_entry_module_imports_no_framework() -> None:
    done = run("import sys, ftcore_keras; print({'tensorflow', 'keras'} & set(sys.modules))")
    assert done.stdout.strip() == "set()", done.stderr


def test_keras_on_another_backend_is_refused_in_one_line() -> None:
    code = (
        "from ftcore.contract import discovery as backend\nfrom ftcore.errors import BackendError\n"
        "try: backend.load('tf')\nexcept BackendError as e: print(e)"
    )
    done = run(code, KERAS_BACKEND="numpy")
    assert "KERAS_BACKEND to tensorflow" in done.stdout, done.stderr


@pytest.mark.slow
def test_threads_are_set_before_the_first_operation() -> None:
    code = (
        "from ftcore.contract import Program; import tensorflow as tf; from ftcore_keras import KerasBackend;"
        "from ftcore.contract.network import *;"
        "p = (Parameter('c.weight', 'c.weight', (2, 3), 'weight', 'normal'),);"
        "h = Head(2, None, None, 'single', Dense('c'), 0.0, p);"
        "KerasBackend().build(Program(Network(Architecture(Features(3), ()), h), options={'threads': 1}));"
        "tf.ones(()); print(tf.config.threading.get_intra_op_parallelism_threads())"
    )
    done = run(code)
    assert done.stdout.strip() == "1", done.stderr


@pytest.mark.slow
def test_an_exported_network_serves_the_same_logits(tmp_path: Path) -> None:
    import tensorflow as tf

    learner = cases.learner(cases.network(), "float32")
    batch = cases.batch()
    specs = {name: tf.TensorSpec((None, None), tf.int32, name) for name in batch.inputs}
    learner.model.export(tmp_path / "served", format="tf_saved_model", input_signature=[specs], verbose=False)
    loaded = tf.saved_model.load(str(tmp_path / "served"))
    np.testing.assert_allclose(
        loaded.serve(dict(batch.inputs)), learner.forward(batch, Want()).logits, rtol=1e-5, atol=1e-6
    )
