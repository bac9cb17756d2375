"""The torch backend, and the stored references, against plain transformers and torch.optim."""

import numpy as np
import plain
import pytest
import torch
import transformers

from ftcore.conformance import batches, curve
from ftcore.conformance.bert import CASES, CURVE
from ftcore.conformance.bounds import BOUNDS
from ftcore.conformance.measure import absolute, relative, worst
from ftcore.conformance.references import stored
from ftcore.contract import Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.optimizers import SGD
from ftcore.models import decay_exempt

STEPS = 20
PRECISIONS = sorted(BOUNDS)
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
each_precision = pytest.mark.parametrize("precision", PRECISIONS)


@pytest.fixture(scope="module")
def backend() -> backends.Backend:
    return backends.load("torch")


@each_precision
@each_case
def test_logits_loss_and_gradients(backend, case, precision) -> None:
    bounds, batch = BOUNDS[precision], case.batch()
    learner = backend.build(Program(case.network(), case.loss, SGD(), precision=precision))
    learner.load_tensors(case.tensors)
    reference = plain.model(case, getattr(torch, precision))
    logits = reference(**plain.inputs(batch))
    loss = plain.loss(case, logits, batch)
    loss.backward()
    found = learner.forward(batch, Want(loss=True))
    step = batches.step(case.loss, [batch])
    assert relative(found.logits, logits.detach().numpy()) <= bounds.outputs
    assert relative(found.loss / step.total_weight, loss.item()) <= bounds.loss
    assert_gradients(learner.gradients(step), plain.gradients(reference), case.zero_gradients, bounds.gradient)


@each_precision
@each_case
def test_hidden_states(backend, case, precision) -> None:
    batch = case.batch()
    learner = backend.build(Program(case.network(), precision=precision))
    learner.load_tensors(case.tensors)
    found = learner.forward(batch, Want(hidden_states=True)).hidden_states
    reference = plain.model(case, getattr(torch, precision))
    wanted = reference.bert(**plain.inputs(batch), output_hidden_states=True).hidden_states
    real = batch.inputs["attention_mask"].astype(bool)
    assert len(found) == len(wanted) == case.blocks + 1
    for states, other in zip(found, wanted, strict=True):
        assert relative(states[real], other.detach().numpy()[real]) <= BOUNDS[precision].outputs


@each_precision
def test_twenty_steps(backend, precision) -> None:
    bounds, network = BOUNDS[precision], CURVE.network()
    exempt = decay_exempt(network)
    program = Program(network, CURVE.loss, curve.OPTIMIZER, curve.CLIP_NORM, decay_exempt=exempt, precision=precision)
    learner = backend.build(program)
    learner.load_tensors(CURVE.tensors)
    reference = plain.model(CURVE, getattr(torch, precision))
    wanted = plain_losses(reference)
    found = curve.train(learner, last=STEPS)
    assert max(relative(*pair) for pair in zip(found, wanted, strict=True)) <= bounds.loss
    final, tensors = plain.parameters(reference), learner.tensors()
    kept = final.keys() - CURVE.zero_gradients
    name, error = worst({key: tensors[key] for key in kept}, {key: final[key] for key in kept})
    assert error <= bounds.gradient, name


@each_case
def test_stored_references(case) -> None:
    reference, batch = plain.model(case, torch.float64), case.batch()
    logits = reference(**plain.inputs(batch))
    loss = plain.loss(case, logits, batch)
    loss.backward()
    real = batch.inputs["attention_mask"].astype(bool)
    states = reference.bert(**plain.inputs(batch), output_hidden_states=True).hidden_states
    weight = case.loss.weight(batch)
    assert relative(stored()[f"{case.name}/logits"], logits.detach().numpy()) <= 1e-13
    assert relative(stored()[f"{case.name}/loss"] / weight, loss.item()) <= 1e-13
    for layer, other in zip(stored()[f"{case.name}/hidden_states"], states, strict=True):
        assert relative(layer[real], other.detach().numpy()[real]) <= 1e-13
    found = stored().under(f"{case.name}/gradient/")
    assert_gradients(found, plain.gradients(reference), case.zero_gradients, 1e-11)


def test_stored_curve() -> None:
    reference = plain.model(CURVE, torch.float64)
    losses = plain_losses(reference, curve.STEPS)
    assert relative(stored()["curve/losses"], np.asarray(losses)) <= 1e-11
    final = plain.parameters(reference)
    kept = final.keys() - CURVE.zero_gradients
    found = stored().under("curve/final/")
    name, error = worst({key: found[key] for key in kept}, {key: final[key] for key in kept})
    assert error <= 1e-10, name


def plain_losses(model: torch.nn.Module, steps: int = STEPS) -> list[float]:
    """Train as a plain loop does: AdamW, no decay on biases and norms, clipping, transformers' schedule."""
    optimizer = torch.optim.AdamW(decay_groups(model), lr=curve.OPTIMIZER.learning_rate)
    scheduler = transformers.get_linear_schedule_with_warmup(optimizer, curve.RATES.warmup_steps, curve.STEPS)
    losses = []
    for index in range(1, steps + 1):
        batch = CURVE.batch(step=index)
        loss = plain.loss(CURVE, model(**plain.inputs(batch)), batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), curve.CLIP_NORM)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses


def decay_groups(model: torch.nn.Module) -> list[dict]:
    named = list(model.named_parameters())
    decay = [value for name, value in named if not name.endswith("bias") and "LayerNorm" not in name]
    rest = [value for name, value in named if name.endswith("bias") or "LayerNorm" in name]
    weight_decay = curve.OPTIMIZER.weight_decay
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def assert_gradients(found, wanted, zero: frozenset[str], bound: float) -> None:
    """Every parameter's relative error; where the gradient is zero in exact arithmetic, the absolute one."""
    assert found.keys() == wanted.keys()
    assert zero <= wanted.keys()
    for name, value in wanted.items():
        error = absolute(found[name], value) if name in zero else relative(found[name], value)
        assert error <= bound, name
