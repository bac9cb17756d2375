"""Implements the backend protocol for TensorFlow through Keras."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ftcore.contract import BackendInfo, Learner, PrepareProduct, Program, checked_options
from ftcore.errors import BackendError
from ftcore_keras.tensorflow_engine.startup import quiet

OPTIONS: dict[str, Any] = {"threads": None, "xla": False}
PRECISIONS = ("float32", "float64", "bfloat16", "float16")


class KerasBackend:
    """The backend of TensorFlow through Keras 3."""

    name = "tf"
    requires = ("tensorflow", "keras")

    def __init__(self) -> None:
        # All are read when the packages are imported. Level 1 hides only the information messages.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
        # By default TensorFlow uses oneDNN's matrix products only on processors with AVX-512. With AVX2 they also make
        # a step of a small BERT a sixth faster.
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
        chosen = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        if "keras" in sys.modules:
            chosen = sys.modules["keras"].backend.backend()
        if chosen != "tensorflow":
            raise BackendError(
                f"Keras runs on {chosen!r} in this process, and backend {self.name!r} needs it on TensorFlow: "
                "set the environment variable KERAS_BACKEND to tensorflow before keras is imported"
            )
        with quiet():
            import keras  # noqa: F401
            import tensorflow  # noqa: F401

    def info(self) -> BackendInfo:
        """Return versions, devices and capabilities."""
        import keras
        import tensorflow

        from ftcore_keras.overrides import overrides
        from ftcore_keras.tensorflow_engine.devices import devices

        return BackendInfo(
            name=self.name,
            versions={"tensorflow": tensorflow.__version__, "keras": keras.__version__},
            devices=devices(),
            precisions=PRECISIONS,
            options=OPTIONS,
            step_modes={"graph": {"xla": False}, "xla": {"xla": True}},
            overrides=overrides(),
        )

    @staticmethod
    def recognises(module: object) -> bool:
        """Return whether `module` is a keras.Model, without importing keras."""
        model = getattr(sys.modules.get("keras"), "Model", None)
        return model is not None and isinstance(module, model)

    @staticmethod
    def load_weights(module: Any, path: Path) -> Sequence[str]:
        """Load a file's tensors into a keras.Model, each exactly once; return notes for the user."""
        from ftcore_keras.weights import load_weights

        return load_weights(module, path)

    @staticmethod
    def token_inputs(module: Any) -> Mapping[str, str]:
        """Return which token inputs a keras.Model takes, in one mapping or as one array."""
        from ftcore_keras.foreign import token_inputs

        return token_inputs(module)

    @staticmethod
    def prepare_for_code(seed: int, threads: int | None) -> None:
        """Set the threads, which TensorFlow reads once, and seed TensorFlow, Keras, NumPy and Python."""
        import keras

        from ftcore_keras.tensorflow_engine.devices import set_threads

        if threads is not None:
            set_threads(threads)
        keras.utils.set_random_seed(seed % 2**32)

    def matrix_products(self, threads: int | None) -> Mapping[str, PrepareProduct]:
        """Return TensorFlow's matrix product."""
        from ftcore_keras.tensorflow_engine.devices import set_threads
        from ftcore_keras.tensorflow_engine.products import product

        if threads is not None:
            set_threads(threads)
        return {"TensorFlow": product}

    def build(self, program: Program, device: str = "auto") -> Learner:
        """Build a learner; its parameters are undefined until `load_tensors`, except a foreign module's."""
        from ftcore_keras.tensorflow_engine import devices
        from ftcore_keras.tensorflow_engine.learner import build_learner

        options = _options(program)
        if program.precision not in PRECISIONS:
            raise BackendError(f"precision {program.precision!r} is not supported; allowed: {', '.join(PRECISIONS)}")
        if options["threads"] is not None:
            devices.set_threads(options["threads"])
        place = devices.device_name(device)
        devices.without_tensor_float_32()
        return build_learner(program, place, options)


def _options(program: Program) -> dict[str, Any]:
    options = checked_options("tf", program.options, OPTIONS)
    if not isinstance(options["xla"], bool):
        raise BackendError(f"backend.tf.xla is true or false, not {options['xla']!r}")
    return options
