"""The masks of TensorFlow are those of the definition, bit for bit, in a graph, by XLA and outside."""

from collections.abc import Callable
from typing import Any

import mask_cases as cases
import numpy as np
import pytest
import tensorflow as tf
from ftcore_keras.layers.dropout import Masks, draws_of
from ftcore_keras.tensorflow_engine.engine import ENGINE

from ftcore.contract import Batch, dropout

each_rate = pytest.mark.parametrize("rate", cases.RATES)
each_site = pytest.mark.parametrize("site", cases.SITES)
each_batch = pytest.mark.parametrize("batch", [pytest.param(batch, id=name) for name, batch in cases.token_batches()])
COMPILED: dict[str, Callable[..., Any]] = {
    "eager": lambda function: function,
    "graph": tf.function,
    "xla": lambda function: tf.function(function, jit_compile=True),
}


def check(batch: Batch, rate: float, site: str, compiled: Callable[..., Any], dtype: str) -> None:
    rows, length = batch.inputs["input_ids"].shape
    wanted = {
        (rows * length, cases.CHANNELS): ("tokens", cases.of_tokens),
        (rows, cases.HEADS, length, length): ("attention_weights", cases.of_attention_weights),
        (batch.examples, cases.CHANNELS): ("examples", cases.of_examples),
    }
    for shape, (method, reference) in wanted.items():

        def drop(draws: dict[str, tf.Tensor], values: tf.Tensor, method: str = method) -> tf.Tensor:
            return getattr(Masks(draws, cases.SITES, ENGINE), method)(values, rate, site)

        draws = draws_of(batch, cases.SEED, cases.STEP, cases.SITES)
        found = compiled(drop)(draws, tf.ones(shape, dtype)).numpy()
        kept = reference(batch, rate, site).reshape(shape)
        np.testing.assert_array_equal(found != 0, kept)
        np.testing.assert_allclose(found[kept], 1 / (1 - rate), rtol=1e-7 if dtype == "float32" else 1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@each_batch
@each_site
@each_rate
def test_masks_are_the_definitions(rate: float, site: str, batch: Batch, dtype: str) -> None:
    check(batch, rate, site, COMPILED["eager"], dtype)


@each_rate
def test_a_table_drops_by_its_rows(rate: float) -> None:
    """Rows that are read twice, and in another order, drop as the table's."""
    rows = np.asarray([3, 3, 11, 0])
    draws, values = draws_of(cases.padded(), cases.SEED, cases.STEP, [cases.TABLE]), tf.ones((4, cases.CHANNELS))
    keys = tf.constant(dropout.row_keys(cases.ROWS)[rows])
    found = Masks(draws, [cases.TABLE], ENGINE).table_rows(values, rate, keys, cases.TABLE).numpy()
    np.testing.assert_array_equal(found != 0, cases.of_table_rows(rate)[rows])


@pytest.mark.parametrize("way", ["graph", "xla"])
@each_rate
def test_masks_are_the_definitions_when_compiled(rate: float, way: str) -> None:
    check(dict(cases.token_batches())["packed, pair True"], rate, "head", COMPILED[way], "float32")


@pytest.mark.parametrize("method", ["tokens", "attention_weights", "examples"])
def test_the_gradient_drops_what_the_values_dropped(method: str) -> None:
    batch = cases.padded()
    rows, length = batch.inputs["input_ids"].shape
    shape = {
        "tokens": (rows * length, cases.CHANNELS),
        "attention_weights": (rows, cases.HEADS, length, length),
        "examples": (batch.examples, cases.CHANNELS),
    }[method]
    draws = draws_of(batch, cases.SEED, cases.STEP, cases.SITES)
    upstream = np.arange(1, 1 + np.prod(shape), dtype=np.float32).reshape(shape)

    @tf.function
    def dropped(values: tf.Tensor) -> tf.Tensor:
        return getattr(Masks(draws, cases.SITES, ENGINE), method)(values, 0.5, "head")

    values = tf.ones(shape)
    with tf.GradientTape() as tape:
        tape.watch(values)
        found = dropped(values)
    gradient = tape.gradient(found, values, output_gradients=tf.constant(upstream))
    np.testing.assert_array_equal(gradient.numpy(), upstream * found.numpy())


def test_a_rate_of_zero_changes_nothing() -> None:
    values = tf.ones((6, cases.CHANNELS))
    assert (
        Masks(draws_of(cases.padded(), 0, 1, cases.SITES), cases.SITES, ENGINE).examples(values, 0.0, "head") is values
    )


def test_arrays_have_no_keys_of_tokens() -> None:
    batch = Batch({"features": np.zeros((2, 3))}, {}, np.ones(2, np.float32), np.arange(2))
    assert set(draws_of(batch, 0, 1, cases.SITES)) == {"sites", "examples"}
