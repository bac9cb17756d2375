"""Positions leave out the padding token in a text, as transformers counts them, whatever id the config pads with."""

import json
from pathlib import Path
from typing import Any

import checkpoints
import numpy as np
import pytest
import torch
import transformers

from ftcore.conformance import batches
from ftcore.conformance.measure import relative
from ftcore.contract import Batch, Learner, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.optimizers import SGD
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, lean_table, plan_model

UNCOUNTED = 1
IDS = [[2, 5, UNCOUNTED, 7, UNCOUNTED, 8, 3], [2, UNCOUNTED, 9, 3, 0, 0, 0]]
LENGTHS = [7, 4]
each_case = pytest.mark.parametrize(("name", "pad"), [("mpnet", 1), ("mpnet", 0), ("mpnet", 5), ("roberta", 1)])


def plan(folder: Path) -> ModelPlan:
    return plan_model(AnyModelSpec(pretrained=str(folder), dropout=0.0), SequenceHead(3), 0, folder)


def write(name: str, pad: int, folder: Path) -> Path:
    """Write a classifier whose config pads with an id."""
    checkpoints.write(name, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "pad_token_id": pad}))
    return folder


def padded() -> Batch:
    ids = np.asarray(IDS, np.int32)
    mask = (np.arange(ids.shape[1]) < np.asarray(LENGTHS)[:, None]).astype(np.int32)
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids}
    return Batch(inputs, {"labels": np.asarray([0, 2], np.int32)}, np.ones(2, np.float32), np.arange(2), 11)


def packed() -> Batch:
    """Return the second text and the first one behind it, in one row."""
    ids = [*IDS[1][:4], *IDS[0]]
    inputs = {
        "input_ids": ids,
        "token_type_ids": [0] * 11,
        "position_ids": [*range(4), *range(7)],
        "segment_ids": [1] * 4 + [0] * 7,
    }
    rows: dict[str, Any] = {key: np.asarray([value], np.int32) for key, value in inputs.items()}
    places = {"starts": [4, 0], "lengths": LENGTHS}
    rows |= {key: np.asarray(value, np.int32) for key, value in places.items()}
    rows["sequences"] = np.asarray([[1, 0]], np.int32)
    given = padded()
    return Batch(rows, given.targets, given.weights, given.example_ids, given.tokens)


def learner(backend: str, network: Any, tensors: dict[str, np.ndarray]) -> Learner:
    program = Program(network, CrossEntropy(), SGD(), precision="float64", decay_exempt=frozenset(), seed=4)
    found = backends.load(backend).build(program, "cpu")
    found.load_tensors({key: value.astype(np.float64) for key, value in tensors.items()})
    return found


@each_case
def test_logits_and_gradients_are_those_of_transformers(name: str, pad: int, tmp_path: Path) -> None:
    folder = write(name, pad, tmp_path / "model")
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).double().eval()
    texts = [torch.tensor([row[:length]]) for row, length in zip(IDS, LENGTHS, strict=True)]
    expected = torch.cat([model(input_ids=text).logits for text in texts])
    torch.nn.functional.cross_entropy(expected, torch.tensor([0, 2])).backward()
    gradients = {key: value.grad.numpy() for key, value in model.named_parameters() if value.grad is not None}
    found = plan(folder)
    for backend in backends.names():
        trained = learner(backend, found.network, found.tensors)
        for given in (padded(), packed()):
            assert relative(trained.forward(given, Want(logits=True)).logits, expected.detach().numpy()) <= 1e-10
            own = trained.gradients(batches.step(CrossEntropy(), [given]))
            for key in (key for key in gradients if "position_embeddings" in key or "word_embeddings" in key):
                assert relative(own[key], gradients[key]) <= 1e-9, key


@each_case
def test_a_shorter_table_keeps_the_tokens_that_do_not_count(name: str, pad: int, tmp_path: Path) -> None:
    found = plan(write(name, pad, tmp_path / "model"))
    occurring = np.zeros(found.network.architecture.body.vocabulary, np.bool_)
    occurring[[token for row in IDS for token in row]] = True
    occurring[0] = False
    lean = lean_table(found.network, found.tensors, occurring)
    assert lean is not None
    given = padded()
    short = Batch(
        {**given.inputs, "input_ids": lean.places[given.inputs["input_ids"]]},
        given.targets,
        given.weights,
        given.example_ids,
        given.tokens,
    )
    whole = learner("torch", found.network, found.tensors).forward(given, Want(logits=True)).logits
    for backend in backends.names():
        reduced = learner(backend, lean.network, lean.shorten(found.tensors)).forward(short, Want(logits=True)).logits
        assert relative(reduced, whole) <= 1e-12
