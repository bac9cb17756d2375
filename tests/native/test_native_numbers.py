"""On every backend a network of ftcore's own gives the plain torch module's numbers, however a batch is padded."""

from typing import Any

import cases
import numpy as np
import own_modules
import pytest
import torch

from ftcore.conformance import batches
from ftcore.conformance.measure import relative
from ftcore.contract import Batch, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.errors import BackendError

each_backend = pytest.mark.parametrize("backend", backends.names())
STACKED = [name for name in cases.CONFIGS if "stacked" in name]
"""Several graphs a layer take TensorFlow seconds to trace."""
OUTPUTS, GRADIENTS = {"float64": 1e-10, "float32": 1e-5}, {"float64": 1e-9, "float32": 1e-4}


def slow(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.slow] if name in STACKED else []


def state(config: dict[str, Any]) -> dict[str, np.ndarray]:
    return {key: value.numpy() for key, value in own_modules.build(config).state_dict().items()}


def with_dropout(config: dict[str, Any]) -> dict[str, Any]:
    """Return a config that drops wherever its family can."""
    rates = {"classifier_dropout": 0.2}
    if "vocab_size" in config:
        rates["embedding_dropout"] = 0.3
    if "hidden_size" in config and "image_size" not in config:
        rates["dropout"] = 0.4
    return {**config, **rates}


def of_plain(config: dict[str, Any], given: Batch, pooling: str = "pooler") -> tuple[Any, Any, float, Any]:
    """Return logits, the last states, the loss of all examples, and gradients of its mean by name."""
    module = own_modules.build(config)
    inputs = {key: torch.tensor(value) for key, value in given.inputs.items()}
    logits, states = module(inputs, pooling)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(given.targets["labels"]).long())
    loss.backward()
    gradients = {key: value.grad.numpy() for key, value in module.named_parameters()}
    return logits.detach().numpy(), None if states is None else states.detach().numpy(), 6 * loss.item(), gradients


@pytest.mark.parametrize(
    ("name", "precision"),
    [
        *(pytest.param(name, "float64", marks=slow(name)) for name in cases.CONFIGS),
        *((name, "float32") for name in ("lstm", "gru", "text-cnn", "image-cnn")),
    ],
)
@each_backend
@pytest.mark.slow
def test_outputs_and_gradients_are_those_of_the_plain_module(name: str, backend: str, precision: str) -> None:
    config = cases.config(name)
    given = cases.batch(config)
    logits, states, loss, gradients = of_plain(config, given)
    learner = cases.build(backend, cases.network(config), state(config), precision)
    found = learner.forward(given, Want(loss=True, hidden_states=True, pooled=True))
    assert relative(found.logits, logits) <= OUTPUTS[precision]
    assert relative(found.loss, loss) <= OUTPUTS[precision]
    assert found.hidden_states is not None
    if states is not None:
        assert relative(found.hidden_states[-1], states) <= OUTPUTS[precision]
    if "attention_mask" in given.inputs:
        padding = given.inputs["attention_mask"] == 0
        assert not any(each[padding].any() for each in found.hidden_states)
    given_back = learner.gradients(batches.step(CrossEntropy(), [given]))
    assert set(given_back) == set(gradients)
    for key, gradient in gradients.items():
        assert relative(given_back[key], gradient) <= GRADIENTS[precision], key


@pytest.mark.parametrize(
    ("name", "pooling"),
    [
        *(("lstm over vectors", pooling) for pooling in ("cls", "mean", "max")),
        ("text-cnn", "mean"),
    ],
)
@each_backend
def test_other_poolings_read_real_steps_alone(name: str, pooling: str, backend: str) -> None:
    config = cases.config(name)
    given = cases.batch(config)
    logits, _, _, gradients = of_plain(config, given, pooling)
    learner = cases.build(backend, cases.network(config, pooling), state(config))
    assert relative(learner.forward(given, Want()).logits, logits) <= OUTPUTS["float64"]
    given_back = learner.gradients(batches.step(CrossEntropy(), [given]))
    for key, gradient in gradients.items():
        assert relative(given_back[key], gradient) <= GRADIENTS["float64"], key


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm over vectors", "gru, stacked both ways", "text-cnn"])
@each_backend
def test_padding_changes_nothing(name: str, backend: str) -> None:
    """Neither its width, from none of it up, with dropout on, nor the other texts of a batch."""
    config, tensors = with_dropout(cases.CONFIGS[name]), state(cases.CONFIGS[name])
    learner = cases.build(backend, cases.network(config), tensors)
    results = []
    for width in (8, 16):
        given = cases.batch(config, width)
        logits = learner.forward(given, Want()).logits
        step = learner.train_step(batches.step(CrossEntropy(), [given], index=7))
        results.append((logits, float(step.loss), float(step.grad_norm)))
        learner.load_tensors(tensors)
    for one, other in zip(*results, strict=True):
        assert relative(one, other) <= 1e-12
    # The last text is one token, which three of the filters are wider than.
    inputs = {key: value[-1:, :1] for key, value in cases.batch(config).inputs.items()}
    alone = Batch(inputs, {}, np.ones(1, np.float32), np.zeros(1, np.int64))
    assert relative(learner.forward(alone, Want()).logits, results[0][0][-1:]) <= 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm, stacked both ways", "gru over vectors, stacked", "text-cnn", "image-cnn"])
def test_every_backend_drops_the_same(name: str) -> None:
    config = with_dropout(cases.CONFIGS[name])
    network, given = cases.network(config), cases.batch(config)
    learners = [cases.build(backend, network, state(config)) for backend in backends.names()]
    steps = [learner.train_step(batches.step(CrossEntropy(), [given], index=3)) for learner in learners]
    for step in steps[1:]:
        assert relative(float(step.loss), float(steps[0].loss)) <= 1e-12
        assert relative(float(step.grad_norm), float(steps[0].grad_norm)) <= 1e-10
    without = of_plain(config, given)[2] / 6
    assert abs(float(steps[0].loss) - without) > 1e-4


def test_a_stack_drops_between_its_layers() -> None:
    """With one rate at a time; that backends drop the same is shown above."""
    base = cases.CONFIGS["lstm, stacked both ways"]
    losses = []
    for rates in ({}, {"dropout": 0.5}, {"embedding_dropout": 0.5}, {"classifier_dropout": 0.5}):
        network = cases.network({**base, **rates})
        assert network.dropout_sites == ("embeddings", "layers.0", "head")
        learner = cases.build("torch", network, state(base))
        losses.append(float(learner.train_step(batches.step(CrossEntropy(), [cases.batch(base)])).loss))
    assert len(set(losses)) == 4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm, stacked both ways", "text-cnn"])
def test_xla_computes_the_same(name: str) -> None:
    config = cases.config(name)
    given = cases.batch(config)
    _, _, loss, gradients = of_plain(config, given)
    learner = cases.build("tf", cases.network(config), state(config), options={"xla": True})
    assert relative(learner.forward(given, Want(loss=True)).loss, loss) <= OUTPUTS["float64"]
    found = learner.gradients(batches.step(CrossEntropy(), [given]))
    for key, gradient in gradients.items():
        assert relative(found[key], gradient) <= GRADIENTS["float64"], key


@pytest.mark.parametrize("name", ["gru", "text-cnn"])
@each_backend
def test_two_texts_an_example(name: str, backend: str) -> None:
    config = cases.config(name)
    given = cases.batch(config)
    network = cases.network(config, pair="separate")
    pair = Batch(given.inputs, {}, np.ones(3, np.float32), np.arange(3))
    tensors = state(config)
    weight = np.random.default_rng(0).standard_normal((own_modules.CLASSES, 4 * network.architecture.body.size))
    learner = cases.build(backend, network, {**tensors, "classifier.weight": weight})
    found = learner.forward(pair, Want(pooled=True))
    u, v = found.pooled[0::2], found.pooled[1::2]
    joined = np.concatenate([u, v, np.abs(u - v), u * v], axis=1)
    assert relative(found.logits, joined @ weight.T + tensors["classifier.bias"]) <= OUTPUTS["float64"]


@each_backend
@pytest.mark.parametrize("name", ["lstm", "text-cnn", "image-cnn"])
def test_a_precision_that_is_not_carried_out_is_refused(name: str, backend: str) -> None:
    with pytest.raises(BackendError, match=f"precision bfloat16 is not supported for a model of type {name};"):
        cases.build(backend, cases.network(cases.config(name)), {}, "bfloat16")


def test_compiling_is_for_transformers() -> None:
    with pytest.raises(BackendError, match=r"backend\.torch\.compile is for transformer models: leave it out"):
        cases.build("torch", cases.network(cases.config("gru")), {}, options={"compile": True})
