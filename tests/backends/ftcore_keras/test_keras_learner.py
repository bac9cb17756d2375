"""What the contract asks of a learner: losses, optimizers, splits, failures, state, dropout, heads."""

from dataclasses import replace

import keras_cases as cases
import numpy as np
import pytest
from ftcore_keras.network import DescribedModel

from ftcore.conformance.batches import packed
from ftcore.contract import Batch, Want
from ftcore.contract.losses import BinaryCrossEntropy, CrossEntropy, Huber, MeanAbsoluteError, MeanSquaredError
from ftcore.contract.optimizers import SGD, Adam, AdamW
from ftcore.contract.optimizers.clipping import clip, global_norm
from ftcore.errors import BackendError, DataError, ModelError

FLOATS = np.random.default_rng(1).random((6, 3)).astype(np.float32)
LOSSES = [
    (CrossEntropy(), None),
    (CrossEntropy(label_smoothing=0.1, class_weights=(0.5, 2.0, 1.0)), None),
    (BinaryCrossEntropy(), np.round(FLOATS)),
    (BinaryCrossEntropy(positive_weights=(0.5, 2.0, 3.0)), FLOATS),
    (MeanSquaredError(), FLOATS),
    (MeanAbsoluteError(), FLOATS),
    (Huber(delta=0.3), FLOATS),
]
OPTIMIZERS = [
    SGD(weight_decay=0.1),
    SGD(momentum=0.9, weight_decay=0.1),
    SGD(momentum=0.9, nesterov=True),
    Adam(weight_decay=0.1),
    AdamW(weight_decay=0.1, beta2=0.99),
]


def features_batch(labels: np.ndarray, seed: int = 0, examples: int = 6) -> Batch:
    generator = np.random.default_rng(seed)
    weights = generator.random(examples).astype(np.float32)
    inputs = {"features": generator.normal(size=(examples, 5))}
    return Batch(inputs, {"labels": labels}, weights, np.arange(examples))


@pytest.mark.parametrize(("loss", "labels"), LOSSES, ids=lambda value: getattr(value, "name", None))
@pytest.mark.parametrize("scale", [1.0, 200.0])
def test_losses_are_the_references(loss: object, labels: np.ndarray | None, scale: float) -> None:
    labels = np.array([0, 1, 2, 2, 1, 0], np.int32) if labels is None else labels
    learner = cases.learner(cases.features_network(5, 3), loss=loss)
    batch = features_batch(labels)
    batch.inputs["features"][:] *= scale
    batch.inputs["features"][0] = 0.0  # logits that are the bias alone
    found = learner.forward(batch, Want(loss=True))
    wanted = loss.reference(found, batch)
    assert found.loss == pytest.approx(wanted.total, rel=1e-12)
    gradients = learner.gradients(cases.step(1, batch, loss=loss))
    total_weight = loss.weight(batch)
    bias, weight = wanted.gradient.sum(axis=0), wanted.gradient.T @ batch.inputs["features"]
    np.testing.assert_allclose(gradients["classifier.bias"], bias / total_weight, rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(gradients["classifier.weight"], weight / total_weight, rtol=1e-10, atol=1e-12)


def test_gradient_at_a_logit_of_zero() -> None:
    labels = np.zeros((6, 3), np.float32)
    learner = cases.learner(cases.features_network(5, 3), loss=BinaryCrossEntropy())
    learner.load_tensors({name: np.zeros_like(value) for name, value in learner.tensors().items()})
    step = cases.step(1, features_batch(labels), loss=BinaryCrossEntropy())
    np.testing.assert_allclose(learner.gradients(step)["classifier.bias"], 0.5 / 3, rtol=1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda one: one.name)
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_optimizers_are_the_references(optimizer: object, precision: str) -> None:
    bound = {"float32": 2e-6, "float64": 1e-12}[precision]
    learner = cases.learner(cases.features_network(5, 3), precision, optimizer, clip_norm=0.05)
    parameters = {name: value.astype(np.float64) for name, value in learner.tensors().items()}
    states = {name: optimizer.init(value) for name, value in parameters.items()}
    for index in range(1, 6):
        step = cases.step(
            index, features_batch(np.array([0, 1, 2, 2, 1, 0], np.int32), index), learning_rate=0.1 / index
        )
        gradients = learner.gradients(step)
        norm = global_norm(gradients)
        result = learner.train_step(step)
        assert float(result.grad_norm) == pytest.approx(norm, rel=1e-6)
        for name, gradient in clip(gradients, 0.05).items():
            decays = name.endswith("weight")
            arguments = (parameters[name], gradient.astype(np.float64), states[name], step.learning_rate, index, decays)
            parameters[name], states[name] = optimizer.update(*arguments)
    for name, value in learner.tensors().items():
        assert cases.relative(value, parameters[name]) < bound
    saved = learner.optimizer_state()
    assert saved["step"] == 5
    for slot in optimizer.slots:
        for name in parameters:
            assert cases.relative(saved[f"{slot}/{name}"], states[name][slot]) < bound


@pytest.mark.parametrize("xla", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_a_split_is_the_same_step(xla: bool) -> None:
    whole = replace(cases.batch(), weights=np.array([1, 2, 0.5, 1, 0, 3], np.float32))
    loss = CrossEntropy(class_weights=(1.0, 2.0, 0.5))
    results = []
    for batches in ([whole], cases.cut(whole, 1, 4)):
        learner = cases.learner(cases.network(), loss=loss, clip_norm=0.1, options={"xla": xla})
        result = learner.train_step(cases.step(1, *batches, loss=loss))
        results.append((float(result.loss), float(result.grad_norm), learner.tensors()))
    (loss_one, norm_one, one), (loss_split, norm_split, split) = results
    assert loss_split == pytest.approx(loss_one, rel=1e-12)
    assert norm_split == pytest.approx(norm_one, rel=1e-12)
    for name, value in one.items():
        if not name.endswith("key.bias"):
            assert cases.relative(split[name], value) < 1e-9, name


@pytest.mark.parametrize("splits", [(), (2,)])
@pytest.mark.parametrize("xla", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_a_step_that_is_not_finite_changes_nothing(splits: tuple[int, ...], xla: bool) -> None:
    learner = cases.learner(cases.network(), options={"xla": xla}, clip_norm=1.0)
    learner.train_step(cases.step(1, cases.batch()))
    tensors, state = learner.tensors(), learner.optimizer_state()
    broken = replace(cases.batch(), weights=np.array([1, 1, 1, np.inf, 1, 1], np.float32))
    step = replace(cases.step(2, *cases.cut(broken, *splits)), total_weight=6.0)
    result = learner.train_step(step)
    assert float(result.finite) == 0.0
    assert not np.isfinite(float(result.loss))
    for name, value in learner.tensors().items():
        np.testing.assert_array_equal(value, tensors[name])
    for key, value in learner.optimizer_state().items():
        np.testing.assert_array_equal(value, state[key])
    assert float(learner.train_step(cases.step(3, cases.batch())).finite) == 1.0


@pytest.mark.slow
@pytest.mark.parametrize(("pooling", "pair"), [("pooler", "joint"), ("max", "separate"), ("mean", "separate")])
def test_the_same_steps_are_the_same_bits(pooling: str, pair: str) -> None:
    rates = {"hidden_dropout_prob": 0.3, "attention_probs_dropout_prob": 0.3}
    network = cases.network(pooling=pooling, pair=pair, **rates)
    twins = [cases.learner(network, "float32", AdamW(), clip_norm=1.0) for _ in range(2)]
    sequences = 2 if pair == "separate" else 1
    for index in range(1, 11):
        batch = packed(cases.batch(examples=16, seed=index, sequences=sequences), 32)
        results = [one.train_step(cases.step(index, batch)) for one in twins]
        assert float(results[0].loss) == float(results[1].loss)
        assert float(results[0].grad_norm) == float(results[1].grad_norm)
    first, second = (one.tensors() for one in twins)
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name])


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", [SGD(momentum=0.9), AdamW()], ids=lambda one: one.name)
def test_tensors_and_state_cross_the_line_bitwise(optimizer: object) -> None:
    learner = cases.learner(cases.network(), "float32", optimizer)
    learner.train_step(cases.step(1, cases.batch()))
    other = cases.learner(cases.network(), "float32", optimizer)
    other.load_tensors(learner.tensors())
    other.load_optimizer_state(learner.optimizer_state())
    for index in (2, 3):
        results = [float(one.train_step(cases.step(index, cases.batch(seed=index))).loss) for one in (learner, other)]
        assert results[0] == results[1]
    shapes = {parameter.name: parameter.shape for parameter in cases.network().parameters}
    for name, value in learner.tensors().items():
        assert value.shape == shapes[name]
        np.testing.assert_array_equal(value, other.tensors()[name])
    for key, value in learner.optimizer_state().items():
        assert value.shape == (() if key == "step" else shapes[key.partition("/")[2]])
        np.testing.assert_array_equal(value, other.optimizer_state()[key])


def test_what_does_not_fit_is_refused() -> None:
    learner = cases.learner(cases.network())
    tensors = dict(learner.tensors())
    with pytest.raises(ModelError, match=r"missing \['classifier.bias'\]"):
        learner.load_tensors({name: value for name, value in tensors.items() if name != "classifier.bias"})
    with pytest.raises(ModelError, match=r"classifier.weight has shape \[32, 3\], the network needs \[3, 32\]"):
        learner.load_tensors({**tensors, "classifier.weight": tensors["classifier.weight"].T})
    with pytest.raises(ModelError, match="does not fit the optimizer"):
        learner.load_optimizer_state({"step": np.asarray(1)})
    with pytest.raises(DataError, match="reads labels"):
        learner.forward(cases.batch(labels=FLOATS), Want(loss=True))


def test_frozen_parameters_have_no_gradient_no_slots_and_do_not_move() -> None:
    head = frozenset({"classifier.weight", "classifier.bias"})
    learner = cases.learner(cases.network(), trainable=head)
    before = learner.tensors()
    assert set(learner.gradients(cases.step(1, cases.batch()))) == head
    learner.train_step(cases.step(1, cases.batch()))
    moved = {name for name, value in learner.tensors().items() if not np.array_equal(value, before[name])}
    assert moved == head
    assert {key.partition("/")[2] for key in learner.optimizer_state()} == head | {""}
    with pytest.raises(ModelError, match="no parameters of these names to train: nonsense"):
        cases.learner(cases.network(), trainable=frozenset({"nonsense"})).optimizer_state()


@pytest.mark.slow
@pytest.mark.parametrize("xla", [False, True])
def test_dropout_is_a_function_of_seed_and_step(xla: bool) -> None:
    rates = {"hidden_dropout_prob": 0.3, "attention_probs_dropout_prob": 0.3}

    def losses(seed: int, first: int) -> list[float]:
        learner = cases.learner(cases.network(**rates), optimizer=SGD(), seed=seed, options={"xla": xla})
        steps = [cases.step(index, cases.batch(), learning_rate=0.0) for index in range(first, 4)]
        return [float(learner.train_step(step).loss) for step in steps]

    everything = losses(7, 1)
    assert len(set(everything)) == 3
    assert losses(7, 1) == everything
    assert losses(7, 3) == everything[2:]
    assert losses(8, 1)[0] != everything[0]


def test_dropout_has_its_rate_and_keeps_the_mean() -> None:
    described = cases.features_network(40, 1)
    network = replace(described, head=replace(described.head, dropout=0.25))
    learner = cases.learner(network, optimizer=SGD(), loss=MeanAbsoluteError())
    learner.load_tensors({"classifier.weight": np.full((1, 40), 1 / 40), "classifier.bias": np.zeros(1)})
    batch = Batch(
        {"features": np.ones((50, 40))},
        {"labels": np.zeros((50, 1), np.float32)},
        np.ones(50, np.float32),
        np.arange(50),
    )
    steps = [cases.step(index, batch, learning_rate=0.0, loss=MeanAbsoluteError()) for index in range(1, 21)]
    losses = [float(learner.train_step(step).loss) for step in steps]
    # Each loss is the mean of 2000 elements, 0 or 4/3.
    assert np.mean(losses) == pytest.approx(1.0, abs=0.01)
    assert np.std(losses) == pytest.approx(np.sqrt(0.25 / 0.75 / 2000), rel=0.5)
    np.testing.assert_allclose(np.array(losses) * 1500, np.round(np.array(losses) * 1500), atol=1e-9)


@pytest.mark.slow
def test_forward_and_gradients_have_no_dropout() -> None:
    learner = cases.learner(cases.network(hidden_dropout_prob=0.5, attention_probs_dropout_prob=0.5))
    plain = cases.learner(cases.network())
    batch = cases.batch()
    np.testing.assert_array_equal(learner.forward(batch, Want()).logits, plain.forward(batch, Want()).logits)
    gradients = plain.gradients(cases.step(1, batch))
    for name, gradient in learner.gradients(cases.step(1, batch)).items():
        np.testing.assert_array_equal(gradient, gradients[name])


@pytest.mark.parametrize("pooling", ["cls", "mean", "max", "last"])
@pytest.mark.parametrize("pair", ["joint", "separate"])
def test_poolings_and_pairs(pooling: str, pair: str) -> None:
    network = cases.network(pooling=pooling, pair=pair)
    learner = cases.learner(network)
    batch = cases.batch(examples=4, sequences=2 if pair == "separate" else 1)
    found = learner.forward(batch, Want(hidden_states=True, pooled=True))
    lengths = batch.inputs["attention_mask"].sum(axis=1)
    real = [states[:length] for states, length in zip(found.hidden_states[-1], lengths, strict=True)]
    pools = {
        "cls": lambda states: states[0],
        "mean": lambda states: states.mean(axis=0),
        "max": lambda states: states.max(axis=0),
        "last": lambda states: states[-1],
    }
    pooled = np.stack([pools[pooling](states) for states in real])
    np.testing.assert_allclose(found.pooled, pooled, rtol=1e-12)
    if pair == "separate":
        u, v = pooled[0::2], pooled[1::2]
        pooled = np.concatenate([u, v, np.abs(u - v), u * v], axis=1)
    tensors = learner.tensors()
    np.testing.assert_allclose(
        found.logits, pooled @ tensors["classifier.weight"].T + tensors["classifier.bias"], rtol=1e-10
    )


def test_a_network_without_a_classifier_gives_pooled_vectors() -> None:
    learner = cases.learner(cases.network(outputs=0, pooling="mean"), optimizer=None, loss=None)
    found = learner.forward(cases.batch(), Want(logits=False, pooled=True))
    assert found.logits is None
    assert found.pooled.shape == (6, 32)
    with pytest.raises(BackendError, match="does not return the requested logits"):
        learner.forward(cases.batch(), Want())


@pytest.mark.slow
def test_one_graph_serves_every_length(monkeypatch: pytest.MonkeyPatch) -> None:
    traces = []
    compute = DescribedModel.compute
    monkeypatch.setattr(DescribedModel, "compute", lambda *given: (traces.append(1), compute(*given))[1])
    learner = cases.learner(cases.network())
    for batch in (cases.batch(), *cases.cut(cases.batch(), 1, 3)):
        learner.train_step(cases.step(1, batch))
    assert len(traces) == 1
