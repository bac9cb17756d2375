"""On every backend a family gives transformers' numbers, packed or padded, and with dropout the other backend's."""

import json
from dataclasses import replace
from pathlib import Path

import checkpoints
import numpy as np
import pytest
import torch

from ftcore import backend as backends
from ftcore import library
from ftcore.backend import Batch, Learner, Program, Want
from ftcore.conformance import batches
from ftcore.conformance.measure import absolute, relative
from ftcore.losses import CrossEntropy
from ftcore.models.folder import read_model
from ftcore.models.plan import ModelPlan, plan_model
from ftcore.optimizers import SGD
from ftcore.spec.model import ModelSpec
from tests import tiny

LENGTHS = (8, 5, 3, 2, 7, 1)
OUTPUTS, GRADIENTS = {"float64": 1e-10, "float32": 1e-5}, {"float64": 1e-9, "float32": 1e-4}
each_family = pytest.mark.parametrize("name", checkpoints.CONFIGS)
each_backend = pytest.mark.parametrize("backend", backends.names())
each_precision = pytest.mark.parametrize("precision", sorted(OUTPUTS))


def plan(name: str, folder: Path, dropout: float | None = 0.0, pooling: str | None = None) -> ModelPlan:
    checkpoints.write(name, folder)
    spec = ModelSpec(pretrained=str(folder), dropout=dropout, pooling=pooling, replace_head=pooling is not None)
    return plan_model(spec, len(checkpoints.LABELS), "joint", 0, folder)


def batch(name: str) -> Batch:
    """Six sequences, without the two ids that stand for padding somewhere."""
    labels = np.arange(6, dtype=np.int32) % 3
    found = batches.tokens(LENGTHS, 9, len(tiny.VOCABULARY) - 1, labels, "families")
    inputs = dict(found.inputs)
    inputs["input_ids"] = np.where(inputs["attention_mask"] == 1, inputs["input_ids"] + 1, inputs["input_ids"])
    if checkpoints.CONFIGS[name][0] in checkpoints.UNTYPED or "wide" in name:
        inputs["token_type_ids"] = np.zeros_like(inputs["token_type_ids"])
    return replace(found, inputs=inputs)


def build(backend: str, plan: ModelPlan, precision: str) -> Learner:
    program = Program(plan.network, CrossEntropy(), SGD(), precision=precision, decay_exempt=frozenset(), seed=4)
    learner = backends.load(backend).build(program, "cpu")
    learner.load_tensors({key: value.astype(precision) for key, value in plan.tensors.items()})
    return learner


@each_family
@each_backend
@each_precision
def test_outputs_and_gradients_are_those_of_transformers(
    name: str, backend: str, precision: str, tmp_path: Path
) -> None:
    found, given = plan(name, tmp_path / "model"), batch(name)
    reference = checkpoints.build(name).to(getattr(torch, precision))
    inputs = {key: torch.tensor(value).long() for key, value in given.inputs.items()}
    if name == "distilbert":
        del inputs["token_type_ids"]
    else:
        # As of transformers: the padding of these batches is not the id that positions are counted from.
        inputs["position_ids"] = torch.arange(9)[None] + found.network.architecture.body.first_position
    wanted = reference(**inputs, labels=torch.tensor(given.targets["labels"]).long(), output_hidden_states=True)
    wanted.loss.backward()
    learner = build(backend, found, precision)
    outputs = learner.forward(given, Want(loss=True, hidden_states=True))
    assert relative(outputs.logits, wanted.logits.detach().numpy()) <= OUTPUTS[precision]
    assert relative(outputs.loss / 6, wanted.loss.item()) <= OUTPUTS[precision]
    real = given.inputs["attention_mask"].astype(bool)
    # ELECTRA's first is what the blocks are given: the projected embeddings.
    for states, other in zip(outputs.hidden_states, wanted.hidden_states, strict=True):
        assert relative(states[real], other.detach().numpy()[real]) <= OUTPUTS[precision]
    gradients = learner.gradients(batches.step(CrossEntropy(), [given]))
    parameters = dict(reference.named_parameters())
    assert set(gradients) == set(parameters)
    for parameter in found.network.parameters:
        gradient, other = gradients[parameter.name], parameters[parameter.name].grad.numpy()
        if parameter.path.endswith("attention.key.bias"):
            # Zero in exact arithmetic: softmax does not feel a key's bias.
            assert absolute(gradient, other) <= GRADIENTS[precision], parameter.name
        else:
            assert relative(gradient, other) <= GRADIENTS[precision], parameter.name


@pytest.mark.slow
@each_family
@each_backend
@pytest.mark.parametrize("pooling", [None, "mean", "last"])
def test_packed_rows_are_padded_ones(name: str, backend: str, pooling: str | None, tmp_path: Path) -> None:
    found, padded = plan(name, tmp_path / "model", 0.3, pooling), batch(name)
    results = []
    for given in (padded, batches.packed(padded, 18)):
        learner = build(backend, found, "float64")
        step = learner.train_step(batches.step(CrossEntropy(), [given], index=7, learning_rate=1.0))
        results.append((float(step.loss), float(step.grad_norm), learner.forward(given, Want()).logits))
    for one, other in zip(*results, strict=True):
        assert relative(one, other) <= 1e-12


@each_family
def test_every_backend_drops_the_same(name: str, tmp_path: Path) -> None:
    found, given = plan(name, tmp_path / "model", None), batch(name)
    steps = [
        build(backend, found, "float64").train_step(batches.step(CrossEntropy(), [given], index=3))
        for backend in backends.names()
    ]
    without = build("torch", plan(name, tmp_path / "again"), "float64").forward(given, Want(loss=True)).loss
    assert without is not None
    for step in steps[1:]:
        assert relative(float(step.loss), float(steps[0].loss)) <= 1e-12
        assert relative(float(step.grad_norm), float(steps[0].grad_norm)) <= 1e-10
    assert abs(float(steps[0].loss) - without / 6) > 1e-4


@pytest.mark.slow
@each_family
def test_a_run_is_the_same_on_every_backend(name: str, tmp_path: Path) -> None:
    """Dropout on, rows packed, and a token table without the rows that the data cannot reach."""
    task = tiny.write_task(tmp_path, model={"pretrained": "family"})
    checkpoints.write(name, tmp_path / "family", "Model")
    losses = []
    for backend in backends.names():
        library.run(task, backend=backend, output=tmp_path / backend)
        rows = [json.loads(line) for line in (tmp_path / backend / "metrics.jsonl").read_text().splitlines()]
        losses.append([row["loss"] for row in rows if "learning_rate" in row])
    assert len(losses[0]) == 15
    for one, other in zip(*losses, strict=True):
        assert relative(one, other) <= 1e-5
    original = checkpoints.build(name, "Model").state_dict()
    result = read_model(tmp_path / "torch" / "model")
    (table,) = (one for one in result.network.parameters if one.path == "embeddings.tokens")
    moved = np.abs(result.tensors[table.name] - original[table.name.partition(".")[2]].numpy()).max(axis=1)
    # [MASK] is in no text: its row only decays.
    assert moved[4] < moved[2]
    assert read_model(tmp_path / "tf" / "model").network == result.network
