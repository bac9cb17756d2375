"""The TensorFlow backend of ftcore, through Keras 3: networks built from descriptions, or a user's keras.Model."""

from ftcore_keras.backend import KerasBackend

__all__ = ["KerasBackend"]
