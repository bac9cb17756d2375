"""Implements float16 loss scaling on TensorFlow, as defined in ftcore.contract.optimizers.loss_scaling."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from ftcore.contract.optimizers import loss_scaling as definition


class LossScale:
    """The scale and its streak, as variables."""

    def __init__(self) -> None:
        self._scale = tf.Variable(definition.INITIAL, dtype=tf.float32, trainable=False, name=definition.SCALE)
        self._streak = tf.Variable(0, dtype=tf.int64, trainable=False, name=definition.STREAK)

    def scaled(self, loss: tf.Tensor) -> tf.Tensor:
        """Return the scaled loss, to be differentiated; part of a graph."""
        return loss * tf.cast(self._scale, loss.dtype)

    def unscaled(self, gradient: tf.Tensor) -> tf.Tensor:
        """Return a gradient of the scaled loss divided by the scale; part of a graph."""
        return gradient * tf.cast(1.0 / self._scale, gradient.dtype)

    def update(self, finite: tf.Tensor) -> None:
        """Update the scale after a step that was finite or not, a bool scalar; part of a graph."""
        streak = (self._streak + 1) * tf.cast(finite, tf.int64)
        grows = tf.equal(streak, definition.GROWTH_INTERVAL)
        grown = tf.where(grows, self._scale * definition.GROWTH, self._scale)
        shrunk = tf.maximum(self._scale * definition.BACKOFF, definition.LEAST)
        self._scale.assign(tf.where(finite, grown, shrunk))
        self._streak.assign(tf.where(grows, tf.zeros_like(streak), streak))

    def state(self) -> dict[str, np.ndarray]:
        """Return copies of the state; each value is a scalar."""
        return {definition.SCALE: np.array(self._scale.numpy()), definition.STREAK: np.array(self._streak.numpy())}

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the state; each value is a scalar."""
        self._scale.assign(float(state[definition.SCALE]))
        self._streak.assign(int(state[definition.STREAK]))
