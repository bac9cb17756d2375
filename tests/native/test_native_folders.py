"""A network from the ground up, from a spec to a folder that reads back and is fine-tuned again, on every backend."""

import json
from pathlib import Path
from typing import Any

import cases
import numpy as np
import own_modules
import pytest
import torch
import yaml
from safetensors.numpy import load_file, save_file

from ftcore import library
from ftcore.conformance.measure import relative
from ftcore.contract import Want
from ftcore.contract import discovery as backends
from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, plan_model
from ftcore.observer import Silent
from ftcore.runs.binding import Bound, bind
from ftcore.spec.reading import load_spec
from ftcore.tasks import TASKS
from tests import tiny
from tests.results import read_result, write_result

TOKENS = {"vocab_size": len(tiny.VOCABULARY), "embedding_size": 8, "embedding_dropout": 0.1, "classifier_dropout": 0.2}
STACKED = {"hidden_size": 8, "num_layers": 2, "bidirectional": True, "dropout": 0.3}
CONFIGS: dict[str, dict[str, Any]] = {
    "lstm": {"model_type": "lstm", **TOKENS, **STACKED},
    "gru": {"model_type": "gru", **TOKENS, "hidden_size": 8},
    "text-cnn": {"model_type": "text-cnn", **TOKENS, "filter_widths": [2, 3], "num_filters": 6},
}
LABELS = ["colour", "size", "thing"]
each_kind = pytest.mark.parametrize("kind", CONFIGS)


def write_task(folder: Path, kind: str, **changes: Any) -> Path:
    """Write a task that trains a network of this kind from scratch: its config and the tokenizer lie apart."""
    (folder / "network").mkdir()
    (folder / "network" / "config.json").write_text(json.dumps(CONFIGS[kind]))
    model = {"from_scratch": {"architecture": "network", "tokenizer": "model"}}
    return tiny.write_task(folder, model=model, **changes)


def write_plain(folder: Path, kind: str, **config: Any) -> dict[str, np.ndarray]:
    """Write a plain torch module's state dict with a config that says no more than what it is."""
    fields = {**CONFIGS[kind], **config}
    tensors = {name: value.numpy() for name, value in own_modules.build(fields).float().state_dict().items()}
    tiny.write_tokenizer(folder)
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(fields))
    return tensors


def plan(folder: Path, outputs: int = 3, **fields: Any) -> ModelPlan:
    return plan_model(AnyModelSpec(pretrained=str(folder), **fields), SequenceHead(outputs), 0, Path())


def bound(task: Path, *overrides: str) -> Bound:
    return bind(load_spec(task, overrides), task.parent, Silent())


def losses(run: Path) -> list[float]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row["loss"] for row in rows if "learning_rate" in row]


@pytest.mark.slow
@each_kind
def test_a_run_from_scratch_is_the_same_on_every_backend_and_goes_on(kind: str, tmp_path: Path) -> None:
    task = write_task(tmp_path, kind)
    for backend in backends.names():
        run = library.run(task, backend=backend, output=tmp_path / backend)
        (note,) = run.result["notes"]
        assert note.startswith(f"transformers has no model of type {kind}:")
    first, *others = [losses(tmp_path / backend) for backend in backends.names()]
    assert len(first) == 15
    for other in others:
        assert max(relative(*pair) for pair in zip(other, first, strict=True)) <= 1e-5
    metrics = library.evaluate(tmp_path / "torch", tmp_path / "test.jsonl", backend="tf")
    assert relative(metrics["loss"], run_metric(tmp_path / "torch")) <= 1e-5
    assert len(library.predict(tmp_path / "tf", tmp_path / "test.jsonl", backend="torch")) == 12
    vectors = library.features(tmp_path / "tf", tmp_path / "test.jsonl", backend="torch", pooling="mean")
    assert isinstance(vectors, np.ndarray)
    assert vectors.shape == (12, {"lstm": 16, "gru": 8, "text-cnn": 12}[kind])
    spec = yaml.safe_load(task.read_text())
    (tmp_path / "again.yaml").write_text(yaml.safe_dump({**spec, "model": {"pretrained": "tf", "dropout": 0.0}}))
    library.run(tmp_path / "again.yaml", backend="torch", output=tmp_path / "again")
    assert losses(tmp_path / "again")[0] < first[0]


def run_metric(run: Path) -> float:
    found: float = json.loads((run / "result.json").read_text())["metrics"]["test"]["loss"]
    return found


@each_kind
def test_a_plain_state_dict_fits_by_its_own_names(kind: str, tmp_path: Path) -> None:
    tensors = write_plain(tmp_path, kind)
    found = plan(tmp_path)
    assert (found.new, found.ignored, set(found.tensors)) == ((), (), set(tensors))
    for name, value in tensors.items():
        np.testing.assert_array_equal(found.tensors[name], value, strict=True)


@each_kind
def test_a_folder_goes_round_bitwise(kind: str, tmp_path: Path) -> None:
    tensors = write_plain(tmp_path / "plain", kind)
    found, task = plan(tmp_path / "plain"), TASKS["text-classification"]
    for place in ("one", "two"):
        write_result(tmp_path / place, found, found.tensors, LABELS, task, None, {"max_length": 16})
        found = read_result(tmp_path / place)
    assert {path.name for path in (tmp_path / "two").iterdir()} == {
        *("config.json", "ftcore.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    }
    written = load_file(tmp_path / "two" / "model.safetensors")
    for name, value in written.items():
        np.testing.assert_array_equal(value, tensors[name], strict=True)
    own_modules.build(CONFIGS[kind]).load_state_dict({name: torch.from_numpy(value) for name, value in written.items()})
    assert found.labels == LABELS
    config = json.loads((tmp_path / "two" / "config.json").read_text())
    assert config["architectures"] == [
        {"lstm": "FtcoreLstmClassifier", "gru": "FtcoreGruClassifier", "text-cnn": "FtcoreTextCnnClassifier"}[kind]
    ]


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_another_pooling_goes_round_in_one_file(pooling: str, tmp_path: Path) -> None:
    write_plain(tmp_path / "plain", "gru")
    first = plan(tmp_path / "plain", pooling=pooling, replace_head=True)
    task = TASKS["text-classification"]
    write_result(tmp_path / "result", first, first.tensors, LABELS, task, None, {"max_length": 16})
    assert not (tmp_path / "result" / "head.safetensors").exists()
    again = read_result(tmp_path / "result").network
    assert (again.parameters, again.head) == (first.network.parameters, first.network.head)
    with pytest.raises(ModelError, match=f"was trained with pooling {pooling}, not cls; a training draws a new one"):
        plan(tmp_path / "result", pooling="cls")


@each_kind
def test_a_head_of_another_size_is_replaced_only_when_the_spec_says_so(kind: str, tmp_path: Path) -> None:
    write_plain(tmp_path, kind)
    with pytest.raises(ModelError, match=r"does not fit 5 outputs .*model\.replace_head: true"):
        plan(tmp_path, outputs=5)
    found = plan(tmp_path, outputs=5, replace_head=True)
    assert found.new == ("classifier.weight", "classifier.bias")
    assert plan(tmp_path, outputs=0).ignored == ("classifier.bias", "classifier.weight")


def test_a_tensor_that_is_no_parameter_is_refused(tmp_path: Path) -> None:
    tensors = write_plain(tmp_path, "gru")
    save_file({**tensors, "rnn.weight_hh_l1": np.zeros((2, 2), np.float32)}, tmp_path / "model.safetensors")
    with pytest.raises(ModelError, match=r"no place for the checkpoint's tensor 'rnn\.weight_hh_l1'"):
        plan(tmp_path)
    save_file({name: tensors[name] for name in tensors if name != "rnn.bias_hh_l0"}, tmp_path / "model.safetensors")
    with pytest.raises(ModelError, match=r"the checkpoint lacks tensor 'rnn\.bias_hh_l0'"):
        plan(tmp_path)


@each_kind
def test_the_short_token_table_computes_the_same(kind: str, tmp_path: Path) -> None:
    given = bound(write_task(tmp_path, kind))
    lean = given.network.material.lean
    assert lean is not None
    ids = np.arange(12)
    batch, short = given.data.train.batch(ids), given.network.material.splits["train"].batch(ids)
    whole = cases.build("torch", given.network.model.network, given.network.model.tensors).forward(batch, Want())
    found = cases.build("torch", given.network.material.network, given.network.material.tensors).forward(short, Want())
    np.testing.assert_array_equal(found.logits, whole.logits)
    assert not np.array_equal(batch.inputs["input_ids"], short.inputs["input_ids"])


def test_packed_rows_are_refused_and_sorted_ones_the_default(tmp_path: Path) -> None:
    task = write_task(tmp_path, "lstm")
    assert bound(task).plan.batching == "sorted"
    with pytest.raises(Exception, match=r"given packed, which is not exact for lstm; allowed: sorted, padded"):
        bound(task, "training.batching=packed")
