"""A user's own keras.Model, trained in place by the same steps."""

import keras
import keras_cases as cases
import numpy as np
import pytest

from ftcore.contract import Batch, Learner, Want
from ftcore.contract.discovery import for_module
from ftcore.contract.losses import CrossEntropy, MeanSquaredError
from ftcore.contract.network import Module
from ftcore.contract.optimizers import SGD, Adam, AdamW
from ftcore.errors import BackendError, ModelError
from ftcore.loop import check_whole


def batch(inputs: object, labels: np.ndarray) -> Batch:
    given = inputs if isinstance(inputs, dict) else {"inputs": inputs}
    return Batch(given, {"labels": labels}, np.ones(len(labels), np.float32), np.arange(len(labels)))


def blobs(examples: int = 64, seed: int = 0) -> Batch:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, examples).astype(np.int32)
    centres = np.random.default_rng(9).normal(size=(3, 8)) * 2
    return batch((centres[labels] + generator.normal(size=(examples, 8))).astype(np.float32), labels)


def module() -> keras.Model:
    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(16, name="first"),
            layers.BatchNormalization(name="norm"),
            layers.ReLU(),
            layers.Dropout(0.2),
            layers.Dense(3, name="last"),
        ],
        name="classifier",
    )


def train(learner: Learner, first: int, last: int, learning_rate: float = 0.01) -> list[float]:
    """The losses of steps first to last, the last one included."""
    steps = (cases.step(index, blobs(seed=index), learning_rate=learning_rate) for index in range(first, last + 1))
    return [float(learner.train_step(step).loss) for step in steps]


@pytest.mark.parametrize("xla", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_model_with_batch_norm_and_dropout_learns_in_place(xla: bool) -> None:
    model = module()
    learner = cases.learner(Module(model), optimizer=Adam(), options={"xla": xla})
    losses = train(learner, 1, 60)
    assert losses[-1] < 0.4 < 0.9 < losses[0]
    held = blobs(seed=1000)
    np.testing.assert_allclose(
        learner.forward(held, Want()).logits, model(held.inputs["inputs"], training=False), rtol=1e-4, atol=1e-5
    )
    tensors = learner.tensors()
    assert set(tensors) == {variable.path for variable in model.weights}
    moving = next(name for name in tensors if name.endswith("moving_mean"))
    assert np.abs(tensors[moving]).max() > 0.1


@pytest.mark.slow
def test_a_run_repeats_and_resumes() -> None:
    losses = train(cases.learner(Module(module())), 1, 6)
    begun = cases.learner(Module(module()))
    assert train(begun, 1, 3) == losses[:3]
    resumed = cases.learner(Module(module()))
    resumed.load_tensors(begun.tensors())
    resumed.load_optimizer_state(begun.optimizer_state())
    assert train(resumed, 4, 6) == losses[3:]


def test_a_step_that_is_not_finite_restores_moving_statistics() -> None:
    learner = cases.learner(Module(module()))
    learner.train_step(cases.step(1, blobs()))
    before = learner.tensors()
    broken = blobs()
    broken.inputs["inputs"][0] = np.nan
    assert float(learner.train_step(cases.step(2, broken)).finite) == 0.0
    for name, value in learner.tensors().items():
        np.testing.assert_array_equal(value, before[name])


def test_batch_norm_refuses_a_split() -> None:
    learner = cases.learner(Module(module()))
    with pytest.raises(BackendError, match="couples the examples"):
        check_whole(cases.cut(blobs(), 32), CrossEntropy(), learner)


@pytest.mark.slow
def test_decay_leaves_biases_and_norms_alone_unless_asked() -> None:
    name = module().get_layer("norm").gamma.path
    gammas = []
    for optimizer in (SGD(), SGD(weight_decay=0.5), SGD(weight_decay=0.5, decay_biases_and_norms=True)):
        learner = cases.learner(Module(module()), optimizer=optimizer)
        train(learner, 1, 1, learning_rate=0.1)
        gammas.append(learner.tensors()[name])
    plain, exempt, lifted = gammas
    np.testing.assert_array_equal(exempt, plain)
    np.testing.assert_allclose(plain - lifted, 0.1 * 0.5 * 1.0, rtol=1e-5)


def test_an_unbuilt_model_is_built_by_its_first_batch() -> None:
    model = keras.Sequential([keras.layers.Dense(4, activation="relu"), keras.layers.Dense(3)])
    learner = cases.learner(Module(model))
    with pytest.raises(BackendError, match="not built"):
        learner.tensors()
    learner.train_step(cases.step(1, blobs()))
    assert len(learner.tensors()) == 4


def test_inputs_by_position_by_name_and_one_number_an_example() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(2, 8, 3)).astype(np.float32)
    left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    output = keras.layers.Dense(1)(keras.layers.Concatenate()([left, right]))
    flat = keras.layers.Reshape(())(output)
    labels = generator.normal(size=(8, 1)).astype(np.float32)
    loss = MeanSquaredError()
    for model, inputs in (
        (keras.Model([left, right], flat), {"0": a, "1": b}),
        (keras.Model({"left": left, "right": right}, flat), {"left": a, "right": b}),
    ):
        learner = cases.learner(Module(model), loss=loss)
        found = learner.forward(batch(inputs, labels), Want(loss=True))
        assert found.logits.shape == (8, 1)
        assert found.loss == pytest.approx(loss.reference(found, batch(inputs, labels)).total, rel=1e-6)
        result = learner.train_step(cases.step(1, batch(inputs, labels), loss=loss))
        assert float(result.loss) == pytest.approx(found.loss / 8, rel=1e-6)


def test_one_graph_serves_every_batch_size() -> None:
    traces = []

    class Counting(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(3)

        def call(self, inputs: object) -> object:
            traces.append(1)
            return self.dense(inputs)

    model = Counting()
    model(np.zeros((1, 8), np.float32))
    traces.clear()
    learner = cases.learner(Module(model))
    for index, size in enumerate((64, 32, 7), start=1):
        learner.train_step(cases.step(index, blobs(size)))
    assert len(traces) == 1


def test_frozen_layers_stay_and_a_pattern_trains_the_rest() -> None:
    model = module()
    model.layers[0].trainable = False
    learner = cases.learner(Module(model), optimizer=AdamW())
    before = learner.tensors()
    learner.train_step(cases.step(1, blobs()))
    kernel = model.layers[0].kernel.path
    assert kernel in before
    np.testing.assert_array_equal(learner.tensors()[kernel], before[kernel])
    assert f"first_moment/{kernel}" not in learner.optimizer_state()
    last = model.layers[-1].kernel.path
    only = cases.learner(Module(model), trainable=frozenset({last}))
    assert set(only.gradients(cases.step(1, blobs()))) == {last}


def test_what_cannot_be_trained_is_refused() -> None:
    regularized = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, kernel_regularizer="l2")])
    with pytest.raises(BackendError, match="1 losses of its own"):
        cases.learner(Module(regularized)).train_step(cases.step(1, blobs()))
    integers = keras.Sequential([keras.Input((8,)), keras.layers.Lambda(lambda x: keras.ops.cast(x, "int32"))])
    with pytest.raises(ModelError, match="floating type"):
        cases.learner(Module(integers)).forward(blobs(), Want())


def test_a_keras_model_is_recognised() -> None:
    assert for_module(module()) == "tf"
    with pytest.raises(BackendError, match="recognises"):
        for_module(object())
