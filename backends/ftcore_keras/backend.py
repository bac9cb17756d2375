"""KerasBackend: what TensorFlow through Keras can do, and how a program becomes a learner."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import BackendInfo, Learner, PrepareProduct, Program
from ftcore.errors import BackendError
from ftcore.helpers import did_you_mean
from ftcore_keras.startup import quiet

OPTIONS: dict[str, Any] = {"threads": None, "xla": False}
PRECISIONS = ("float32", "float64", "bfloat16", "float16")


class KerasBackend:
    """TensorFlow through Keras 3."""

    name = "tf"
    requires = ("tensorflow", "keras")

    def __init__(self) -> None:
        # All are read when the packages are imported. Level 1 leaves out the information messages alone.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
        # TensorFlow takes oneDNN's matrix products by itself on processors with AVX-512 alone; with AVX2 a step of a
        # small BERT is a sixth faster with them too.
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

        return BackendInfo(
            name=self.name,
            versions={"tensorflow": tensorflow.__version__, "keras": keras.__version__},
            devices=_devices(),
            precisions=PRECISIONS,
            options=OPTIONS,
            step_modes={"graph": {"xla": False}, "xla": {"xla": True}},
            overrides=overrides(),
        )

    @staticmethod
    def recognises(module: object) -> bool:
        """Return whether `module` is a keras.Model; keras is not imported for it."""
        model = getattr(sys.modules.get("keras"), "Model", None)
        return model is not None and isinstance(module, model)

    @staticmethod
    def load_weights(module: Any, path: Path) -> Sequence[str]:
        """Put a file's tensors into a keras.Model, each exactly once; return notes for the user."""
        from ftcore_keras.weights import load_weights

        return load_weights(module, path)

    @staticmethod
    def token_inputs(module: Any) -> Mapping[str, str]:
        """Return which inputs of a token network a keras.Model takes, in one mapping or as one array."""
        from ftcore_keras.foreign import token_inputs

        return token_inputs(module)

    @staticmethod
    def prepare_for_code(seed: int, threads: int | None) -> None:
        """Set the threads, which TensorFlow takes once, and seed its, Keras's, NumPy's and Python's own generators."""
        import keras

        if threads is not None:
            _set_threads(threads)
        keras.utils.set_random_seed(seed % 2**32)

    def matrix_products(self, threads: int | None) -> Mapping[str, PrepareProduct]:
        """Return TensorFlow's product."""
        import tensorflow as tf

        if threads is not None:
            _set_threads(threads)

        def prepare(left: np.ndarray, right: np.ndarray) -> Callable[[], object]:
            with tf.device("/CPU:0"):
                rows, weight = tf.constant(left), tf.constant(right)
            # On a CPU an eager operation returns when it is done.
            return lambda: tf.matmul(rows, weight)

        return {"TensorFlow": prepare}

    def build(self, program: Program, device: str = "auto") -> Learner:
        """Build a learner; its parameters are undefined until `load_tensors`, except a foreign module's."""
        import tensorflow as tf

        from ftcore_keras.learner import KerasLearner
        from ftcore_keras.network import build_network

        options = _options(program)
        if program.precision not in PRECISIONS:
            raise BackendError(f"precision {program.precision!r} is not supported; allowed: {', '.join(PRECISIONS)}")
        if options["threads"] is not None:
            _set_threads(options["threads"])
        place = _device(device)
        # TensorFloat-32 keeps 10 bits of a product: the contract's bounds need float32.
        tf.config.experimental.enable_tensor_float_32_execution(False)
        with tf.device(place):
            network = build_network(program.network, program.precision)
        return KerasLearner(network, program, place, options)


def _options(program: Program) -> dict[str, Any]:
    for name in program.options:
        if name not in OPTIONS:
            raise BackendError(
                f"backend 'tf' has no option {name!r}{did_you_mean(name, OPTIONS)}; allowed: {', '.join(OPTIONS)}"
            )
    options = {**OPTIONS, **program.options}
    if not isinstance(options["xla"], bool):
        raise BackendError(f"backend.tf.xla is true or false, not {options['xla']!r}")
    return options


def _set_threads(count: int) -> None:
    """Use this many CPU threads; TensorFlow takes the number once, before its first operation."""
    import tensorflow as tf

    threading = tf.config.threading
    if threading.get_intra_op_parallelism_threads() == count == threading.get_inter_op_parallelism_threads():
        return
    try:
        threading.set_intra_op_parallelism_threads(count)
        threading.set_inter_op_parallelism_threads(count)
    except RuntimeError as error:
        raise BackendError(
            f"threads: {count} comes too late: TensorFlow has already run in this process, on "
            f"{threading.get_intra_op_parallelism_threads() or 'every core'}; set it before, or leave threads out"
        ) from error


def _devices() -> list[str]:
    import tensorflow as tf

    return ["cuda", "cpu"] if tf.config.list_physical_devices("GPU") else ["cpu"]


def _device(name: str) -> str:
    """Return TensorFlow's name of a device."""
    devices = _devices()
    if name == "auto":
        name = devices[0]
    kind, _, number = name.partition(":")
    if kind not in devices or (number and not number.isdigit()):
        raise BackendError(f"device {name!r} cannot be used: TensorFlow has {', '.join(devices)} here; or device: auto")
    return f"/{'GPU' if kind == 'cuda' else 'CPU'}:{number or 0}"
