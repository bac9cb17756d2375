"""Selects TensorFlow's devices and number of threads."""

import tensorflow as tf

from ftcore.errors import BackendError


def set_threads(count: int) -> None:
    """Set the number of CPU threads; TensorFlow reads it once, before its first operation.

    Raises:
        BackendError: TensorFlow has already run with another number.
    """
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


def devices() -> list[str]:
    """Return the device names that `device_name` accepts, the preferred device first."""
    return ["cuda", "cpu"] if tf.config.list_physical_devices("GPU") else ["cpu"]


def device_name(name: str) -> str:
    """Return TensorFlow's name of a device, "auto" or one of `devices` with or without a number.

    Raises:
        BackendError: there is no such device.
    """
    known = devices()
    if name == "auto":
        name = known[0]
    kind, _, number = name.partition(":")
    if kind not in known or (number and not number.isdigit()):
        raise BackendError(f"device {name!r} cannot be used: TensorFlow has {', '.join(known)} here; or device: auto")
    return f"/{'GPU' if kind == 'cuda' else 'CPU'}:{number or 0}"


def without_tensor_float_32() -> None:
    """Disable TensorFloat-32, which keeps 10 bits of a product; the contract's bounds need float32."""
    tf.config.experimental.enable_tensor_float_32_execution(False)
