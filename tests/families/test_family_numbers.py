"""On every backend a family gives transformers' numbers, packed or padded, and with dropout the other backend's."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

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
BOUNDS = {"float64": (1e-10, 1e-9), "float32": (1e-5, 1e-4)}
BOUNDS_OF_FLOAT32_INSIDE = {**BOUNDS, "float64": (1e-6, 1e-5)}
RUNS = ["roberta", "distilbert", "electra", "gpt2", "qwen3", "gemma3_text", "phi3"]
each_family = pytest.mark.parametrize("name", checkpoints.FAMILIES)
each_backend = pytest.mark.parametrize("backend", backends.names())


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
    if checkpoints.CONFIGS[name][0] not in {"electra", "albert"} or "wide" in name:
        inputs["token_type_ids"] = np.zeros_like(inputs["token_type_ids"])
    return replace(found, inputs=inputs)


def build(backend: str, plan: ModelPlan, precision: str) -> Learner:
    program = Program(plan.network, CrossEntropy(), SGD(), precision=precision, decay_exempt=frozenset(), seed=4)
    learner = backends.load(backend).build(program, "cpu")
    learner.load_tensors({key: value.astype(precision) for key, value in plan.tensors.items()})
    return learner


def is_zero(path: str, found: ModelPlan) -> bool:
    """Return whether a gradient is zero in exact arithmetic: softmax does not feel a key's bias that is not turned."""
    if not path.endswith("attention.key.bias"):
        return False
    return found.network.architecture.body.attention.rotary(int(path.split(".")[1])) is None


def same(name: str) -> float:
    """Return how near two computations of the same numbers are in float64."""
    return 1e-7 if checkpoints.CONFIGS[name][0] in checkpoints.FLOAT32_INSIDE else 1e-12


class Computed(NamedTuple):
    """What transformers computes: logits, mean loss, hidden states [tokens, hidden]; gradients are in the model."""

    logits: np.ndarray
    loss: float
    hidden_states: list[np.ndarray]


def computed_by_transformers(model: Any, found: ModelPlan, given: Batch, one_by_one: bool) -> Computed:
    """Run a batch, padded, or text by text: eager attention in float64 gives nan where padding sees only padding."""
    inputs = {key: torch.tensor(value).long() for key, value in given.inputs.items()}
    if model.config.model_type in checkpoints.NO_TYPES:
        del inputs["token_type_ids"]
    else:
        # As of transformers: the padding of these batches is not the id that positions are counted from.
        places = torch.arange(9)[None] + found.network.architecture.body.first_position
        inputs["position_ids"] = places.expand(6, 9)
    labels, lengths = torch.tensor(given.targets["labels"]).long(), inputs["attention_mask"].sum(dim=1).tolist()
    parts = [slice(text, text + 1) for text in range(6)] if one_by_one else [slice(0, 6)]
    logits, losses, states = [], [], []
    for part in parts:
        width = max(lengths[part])
        of_part = {key: value[part, :width] for key, value in inputs.items()}
        outputs = model(**of_part, labels=labels[part], output_hidden_states=True)
        (outputs.loss * len(lengths[part]) / 6).backward()
        real = of_part["attention_mask"].bool()
        logits.append(outputs.logits.detach().numpy())
        losses.append(outputs.loss.item() * len(lengths[part]) / 6)
        states.append([layer[real].detach().numpy() for layer in outputs.hidden_states])
    return Computed(
        np.concatenate(logits), sum(losses), [np.concatenate(layers) for layers in zip(*states, strict=True)]
    )


@pytest.mark.parametrize(
    ("name", "precision"),
    [*((name, "float64") for name in checkpoints.CONFIGS), *((name, "float32") for name in checkpoints.FAMILIES)],
)
@each_backend
def test_outputs_and_gradients_are_those_of_transformers(
    backend: str, name: str, precision: str, tmp_path: Path
) -> None:
    found, given = plan(name, tmp_path / "model"), batch(name)
    reference = checkpoints.build(name).to(getattr(torch, precision))
    wanted = computed_by_transformers(reference, found, given, one_by_one=name.startswith("gemma2"))
    of_family = BOUNDS_OF_FLOAT32_INSIDE if checkpoints.CONFIGS[name][0] in checkpoints.FLOAT32_INSIDE else BOUNDS
    of_outputs, of_gradients = of_family[precision]
    learner = build(backend, found, precision)
    outputs = learner.forward(given, Want(loss=True, hidden_states=True))
    assert relative(outputs.logits, wanted.logits) <= of_outputs
    assert relative(outputs.loss / 6, wanted.loss) <= of_outputs
    real = given.inputs["attention_mask"].astype(bool)
    # ELECTRA's first is what the blocks are given: the projected embeddings.
    for states, other in zip(outputs.hidden_states, wanted.hidden_states, strict=True):
        assert relative(states[real], other) <= of_outputs
    gradients = learner.gradients(batches.step(CrossEntropy(), [given]))
    parameters = dict(reference.named_parameters())
    assert set(gradients) == set(parameters)
    for parameter in found.network.parameters:
        gradient, other = gradients[parameter.name], parameters[parameter.name].grad.numpy()
        if is_zero(parameter.path, found):
            assert absolute(gradient, other) <= of_gradients, parameter.name
        else:
            assert relative(gradient, other) <= of_gradients, parameter.name


@pytest.mark.slow
@each_backend
@pytest.mark.parametrize(
    ("name", "pooling"),
    [*((name, None) for name in checkpoints.FAMILIES), ("roberta", "mean"), ("roberta", "last"), ("llama", "mean")],
)
def test_packed_rows_are_padded_ones(backend: str, name: str, pooling: str | None, tmp_path: Path) -> None:
    found, padded = plan(name, tmp_path / "model", 0.3, pooling), batch(name)
    results = []
    for given in (padded, batches.packed(padded, 18)):
        learner = build(backend, found, "float64")
        step = learner.train_step(batches.step(CrossEntropy(), [given], index=7, learning_rate=1.0))
        results.append((float(step.loss), float(step.grad_norm), learner.forward(given, Want()).logits))
    for one, other in zip(*results, strict=True):
        assert relative(one, other) <= same(name)


@pytest.mark.slow
@each_family
def test_every_backend_drops_the_same(name: str, tmp_path: Path) -> None:
    found, given = plan(name, tmp_path / "model", 0.2), batch(name)
    steps = [
        build(backend, found, "float64").train_step(batches.step(CrossEntropy(), [given], index=3))
        for backend in backends.names()
    ]
    without = build("torch", plan(name, tmp_path / "again"), "float64").forward(given, Want(loss=True)).loss
    assert without is not None
    for step in steps[1:]:
        assert relative(float(step.loss), float(steps[0].loss)) <= same(name)
        assert relative(float(step.grad_norm), float(steps[0].grad_norm)) <= 100 * same(name)
    assert abs(float(steps[0].loss) - without / 6) > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
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
