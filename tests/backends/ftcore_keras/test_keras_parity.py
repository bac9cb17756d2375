"""The Keras network against transformers: hidden states, logits, loss, every gradient, ten steps of AdamW."""

import keras_cases as cases
import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from ftcore.contract import Want
from ftcore.contract.optimizers import AdamW

BOUNDS = {"float32": (1e-5, 1e-4), "float64": (1e-10, 1e-9)}
"""Outputs, gradients."""


def reference(precision: str, **config: object) -> BertForSequenceClassification:
    model = BertForSequenceClassification(
        BertConfig(**{**cases.CONFIG, **config}, num_labels=3, attn_implementation="eager")
    )
    model = model.to(getattr(torch, precision)).eval()
    tensors = cases.perturbed(cases.network(**config))
    model.load_state_dict({name: torch.tensor(value) for name, value in tensors.items()}, strict=True)
    return model


def compute(model: BertForSequenceClassification, batch: object) -> object:
    inputs = {name: torch.tensor(array).long() for name, array in batch.inputs.items()}
    return model(**inputs, labels=torch.tensor(batch.targets["labels"]).long(), output_hidden_states=True)


@pytest.mark.parametrize(
    ("precision", "activation", "xla"),
    [
        ("float32", "gelu", False),
        pytest.param("float32", "gelu", True, marks=pytest.mark.slow),
        ("float64", "gelu", False),
        pytest.param("float64", "gelu", True, marks=pytest.mark.slow),
        ("float64", "gelu_new", False),
        ("float64", "relu", False),
        ("float64", "silu", False),
    ],
)
def test_outputs_and_gradients(precision: str, activation: str, xla: bool) -> None:
    outputs_bound, gradient_bound = BOUNDS[precision]
    network = cases.network(hidden_act=activation)
    learner = cases.learner(network, precision, options={"xla": xla})
    batch = cases.batch()
    model = reference(precision, hidden_act=activation)
    wanted = compute(model, batch)
    wanted.loss.backward()

    found = learner.forward(batch, Want(loss=True, hidden_states=True, pooled=True))
    assert cases.relative(found.logits, wanted.logits.detach().numpy()) < outputs_bound
    assert found.loss / batch.examples == pytest.approx(wanted.loss.item(), rel=outputs_bound)
    assert len(found.hidden_states) == 3
    real = batch.inputs["attention_mask"] != 0
    for own, other in zip(found.hidden_states, wanted.hidden_states, strict=True):
        assert own.dtype == precision
        assert cases.relative(own[real], other.detach().numpy()[real]) < outputs_bound

    gradients = learner.gradients(cases.step(1, batch))
    parameters = dict(model.named_parameters())
    assert set(gradients) == set(parameters)
    for name, parameter in parameters.items():
        if name.endswith("key.bias"):  # zero in exact arithmetic
            assert np.abs(gradients[name]).max() < gradient_bound
        else:
            assert cases.relative(gradients[name], parameter.grad.numpy()) < gradient_bound, name


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_ten_steps(precision: str) -> None:
    bound = {"float32": 1e-5, "float64": 1e-8}[precision]
    learner = cases.learner(cases.network(), precision, AdamW(learning_rate=1e-3), clip_norm=1.0)
    model = reference(precision)
    groups = [
        {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": 0.01},
        {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=1e-3)
    for index in range(1, 11):
        batch = cases.batch(seed=index)
        wanted = compute(model, batch).loss
        optimizer.zero_grad()
        wanted.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * index
        optimizer.step()
        result = learner.train_step(cases.step(index, batch, learning_rate=1e-3 * index))
        assert float(result.loss) == pytest.approx(wanted.item(), rel=bound)
        assert float(result.grad_norm) == pytest.approx(norm.item(), rel=10 * bound)
        assert float(result.finite) == 1.0
    parameters = dict(model.named_parameters())
    for name, value in learner.tensors().items():
        if not name.endswith("key.bias"):
            assert cases.relative(value, parameters[name].detach().numpy()) < 10 * bound, name
