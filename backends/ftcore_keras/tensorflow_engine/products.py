"""Provides TensorFlow's matrix product, to measure its speed."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf


def product(left: np.ndarray, right: np.ndarray) -> Callable[[], object]:
    """Return a function that multiplies left [m, k] and right [k, n] on the CPU."""
    with tf.device("/CPU:0"):
        rows, weight = tf.constant(left), tf.constant(right)
    # On a CPU an eager operation returns only after it has finished.
    return lambda: tf.matmul(rows, weight)
