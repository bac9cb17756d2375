"""On every backend every variant of a family is transformers, and dropout is the other backend's, packed or padded."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import checkpoints
import numpy as np
import pytest
from ftcore_references.families import compute

from ftcore import library
from ftcore.conformance import batches
from ftcore.conformance.families import FAMILY_CASES
from ftcore.conformance.family_references import FamilyReferences, whole
from ftcore.conformance.measure import relative
from ftcore.conformance.rungs import families
from ftcore.conformance.subject import MeasuredFamilies, Subject
from ftcore.conformance.suite import NO_BERT
from ftcore.contract import Batch, Learner, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.optimizers import SGD
from ftcore.errors import SpecError
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, plan_model
from tests import tiny
from tests.results import read_result

RUNS = ["roberta", "distilbert", "albert", "mpnet", "deberta-v2", "modernbert", "gpt2", "qwen3", "gemma3_text", "phi3"]
UNPACKED = {"deberta-v2"}
"""Those of which packed rows are not exact."""
each_family = pytest.mark.parametrize("name", checkpoints.NAMES)
each_classifier = pytest.mark.parametrize("name", checkpoints.CLASSIFIERS)
each_backend = pytest.mark.parametrize("backend", backends.names())


@cache
def references(name: str) -> FamilyReferences:
    variants = FAMILY_CASES[name].every()
    arrays = {f"{name}/{one.name}/{key}": value for one in variants for key, value in compute(one).items()}
    return FamilyReferences("this process", arrays, whole)


def measured(backend: str, name: str, precision: str) -> list[object]:
    """Return the rows of a family that are out of bounds."""
    found = backends.load(backend)
    mode, options = next(iter(found.info().step_modes.items()))
    cases = MeasuredFamilies([FAMILY_CASES[name]], references(name))
    rows = list(families.rows(Subject(found, "cpu", precision, mode, options, NO_BERT, families=cases)))
    assert {row.quantity for row in rows} >= {"forward", "gradients", "ten steps", "round trip"}
    return [row for row in rows if not row.error <= row.bound]


@each_family
@pytest.mark.slow
def test_every_variant_is_transformers_in_torch(name: str) -> None:
    assert measured("torch", name, "float64") == []
    assert measured("torch", name, "float32") == []


@pytest.mark.slow
@each_family
@pytest.mark.parametrize("backend", [name for name in backends.names() if name != "torch"])
def test_every_variant_is_transformers(backend: str, name: str) -> None:
    assert measured(backend, name, "float64") == []


def plan(name: str, folder: Path, dropout: float | None = 0.0, pooling: str | None = None) -> ModelPlan:
    checkpoints.write(name, folder)
    spec = AnyModelSpec(pretrained=str(folder), dropout=dropout, pooling=pooling, replace_head=pooling is not None)
    return plan_model(spec, SequenceHead(len(checkpoints.LABELS)), 0, folder)


def batch(name: str) -> Batch:
    """Six texts of token types that every family has."""
    given = FAMILY_CASES[name].every()[0].batch()
    return replace(given, inputs={**given.inputs, "input_ids": given.inputs["input_ids"] % len(tiny.VOCABULARY)})


def build(backend: str, plan: ModelPlan, precision: str) -> Learner:
    program = Program(plan.network, CrossEntropy(), SGD(), precision=precision, decay_exempt=frozenset(), seed=4)
    learner = backends.load(backend).build(program, "cpu")
    learner.load_tensors({key: value.astype(precision) for key, value in plan.tensors.items()})
    return learner


def same(name: str) -> float:
    """Return how near two computations of the same numbers are in float64."""
    return 1e-7 if FAMILY_CASES[name].float32_inside else 1e-12


@pytest.mark.slow
@each_backend
@pytest.mark.parametrize(
    ("name", "pooling"),
    [
        *((name, None) for name in RUNS if name not in UNPACKED),
        ("roberta", "mean"),
        ("roberta", "last"),
        ("llama", "mean"),
    ],
)
def test_packed_rows_with_dropout_are_padded_ones(backend: str, name: str, pooling: str | None, tmp_path: Path) -> None:
    found, padded = plan(name, tmp_path / "model", 0.3, pooling), batch(name)
    results = []
    for given in (padded, batches.packed(padded, 18)):
        learner = build(backend, found, "float64")
        step = learner.train_step(batches.step(CrossEntropy(), [given], index=7, learning_rate=1.0))
        results.append((float(step.loss), float(step.grad_norm), learner.forward(given, Want()).logits))
    for one, other in zip(*results, strict=True):
        assert relative(one, other) <= same(name)


@each_classifier
def test_a_family_packs_or_is_refused_packed_rows(name: str, tmp_path: Path) -> None:
    packs = plan(name, tmp_path / "model").network.architecture.packs
    assert packs == (name not in UNPACKED)
    if not packs:
        checkpoints.write(name, tmp_path / "family", "Model")
        task = tiny.write_task(tmp_path, model={"pretrained": "family"}, training__batching="packed")
        with pytest.raises(SpecError, match=f"given packed, which is not exact for {name}; allowed: sorted, padded"):
            library.run(task, backend="torch", output=tmp_path / "run")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["roberta", "mpnet", "deberta-v2"])
def test_the_poolers_dropout_is_that_of_the_tokens_that_it_reads(name: str, tmp_path: Path) -> None:
    """Whether the last block computes those tokens alone or all."""
    found, given = plan(name, tmp_path / "model"), batch(name)
    network = replace(found.network, head=replace(found.network.head, pooler_dropout=0.4))
    losses = []
    for backend in backends.names():
        learner = build(backend, replace(found, network=network), "float64")
        without = learner.forward(given, Want(loss=True)).loss
        losses.append(float(learner.train_step(batches.step(CrossEntropy(), [given], index=3)).loss))
        assert without is not None
        assert abs(losses[-1] - without / 6) > 1e-5
    assert relative(losses[1], losses[0]) <= same(name)


@pytest.mark.slow
@each_classifier
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
    assert abs(float(steps[0].loss) - without / 6) > 1e-6


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
    result = read_result(tmp_path / "torch" / "model")
    (table,) = (one for one in result.network.parameters if one.path == "embeddings.tokens")
    moved = np.abs(result.tensors[table.name] - original[table.name.partition(".")[2]].numpy()).max(axis=1)
    # [MASK] is in no text: its row only decays.
    assert moved[4] < moved[2]
    assert read_result(tmp_path / "tf" / "model").network == result.network
