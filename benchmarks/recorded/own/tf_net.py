"""Modules of a user's own for Keras; layers have names, so that they are the same however often they are built."""

import keras
from keras import layers

WORDS, CLASSES = 40, 3


def build() -> keras.Model:
    """Return a classifier of token ids [examples, length], with batch normalization and dropout."""
    ids = keras.Input((None,), dtype="int32", name="input_ids")
    mask = keras.Input((None,), dtype="int32", name="attention_mask")
    pooled = layers.GlobalAveragePooling1D(name="mean")(layers.Embedding(WORDS, 8, name="table")(ids), mask=mask)
    dropped = layers.Dropout(0.1, name="drop")(layers.BatchNormalization(name="norm")(pooled))
    return keras.Model([ids, mask], layers.Dense(CLASSES, name="line")(dropped))


def build_line() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(8, activation="tanh", name="first"),
            layers.Dropout(0.1, name="drop"),
            layers.Dense(2, name="second"),
        ]
    )


def seeded() -> keras.Model:
    """Return the net of `build_line` with parameters of a fixed seed."""
    keras.utils.set_random_seed(0)
    return build_line()
