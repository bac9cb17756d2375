"""The TensorFlow backend of ftcore, through Keras 3: one transformer described by data, or a user's keras.Model."""

from ftcore_keras.backend import KerasBackend

__all__ = ["KerasBackend"]
