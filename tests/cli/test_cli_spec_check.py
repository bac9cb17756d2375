"""`spec check` binds spec, data and model, and tells what a run would meet."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tiny import VOCABULARY, write_tokenizer

CONFIG = {
    "model_type": "bert",
    "vocab_size": len(VOCABULARY),
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 16,
    "type_vocab_size": 2,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "initializer_range": 0.02,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}
EMBEDDINGS = (len(VOCABULARY) + 16 + 2 + 2) * 8
BLOCK = 4 * (8 * 8 + 8) + 2 * 8 * 12 + 12 + 8 + 4 * 8
POOLER, CLASSIFIER = 8 * 8 + 8, 8 * 2 + 2
WHOLE = EMBEDDINGS + BLOCK + POOLER + CLASSIFIER
SPEC = """\
task: text-classification
model: {from_scratch: {architecture: model}}
data: {train: train.csv, test: test.csv, max_length: 6, on_bad_row: skip}
schedule: {name: cosine, warmup_ratio: 0.5}
training: {epochs: 2, batch_size: 2}
"""
TRAIN = "text,label\nred dog,animal\nblue cat,animal\nred dog,animal\nold house by the river stone,thing\n,thing\n"
TEST = "text,label\nred dog,animal\ngreen tree,thing\n"


@pytest.fixture
def task(tmp_path: Path) -> Path:
    write_tokenizer(tmp_path / "model")
    (tmp_path / "model" / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "train.csv").write_text(TRAIN)
    (tmp_path / "test.csv").write_text(TEST)
    (tmp_path / "task.yaml").write_text(SPEC)
    return tmp_path / "task.yaml"


def test_check_counts_what_a_run_would_meet(task: Path, ftcore: Any) -> None:
    answer = ftcore("spec", "check", task, "--json")
    assert answer.code == 0
    found = json.loads(answer.out)
    train, test = found["data"]["splits"]["train"], found["data"]["splits"]["test"]
    assert found["data"]["labels"] == ["animal", "thing"]
    assert (train["rows"], train["rejected_rows"], train["duplicates"], train["truncated"]) == (4, 1, 1, 1)
    assert train["tokens"] == 4 + 4 + 4 + 6
    assert train["per_label"] == {"animal": 3, "thing": 1}
    assert test["per_label"] == {"animal": 1, "thing": 1}
    assert found["data"]["overlap"] == {"train/test": 1}
    assert (found["model"]["parameters"], found["model"]["trainable"]) == (WHOLE, WHOLE)
    sizes = {name: found["training"].pop(name) for name in ("step_bytes", "checkpoint_bytes")}
    # Three arrays of every parameter in a checkpoint of AdamW; a gradient beside them, and activations.
    # Rows of tokens that no split has are not trained.
    assert 3 * 4 * (WHOLE - EMBEDDINGS) < sizes["checkpoint_bytes"] <= 3 * 4 * WHOLE
    assert sizes["step_bytes"] > sizes["checkpoint_bytes"] * 4 / 3
    assert found["training"] == {
        "steps": 4,
        "warmup_steps": 2,
        "batch_size": 2,
        "evaluate_every": 2,
        "loss": "cross-entropy",
        "optimizer": "adamw",
        "learning_rate": 0.001,
        "schedule": "cosine",
        "best_metric": "accuracy",
    }


def test_check_counts_what_is_trained(task: Path, ftcore: Any) -> None:
    found = json.loads(ftcore("spec", "check", task, "--json", "--set", "model.trainable=head").out)
    assert found["model"]["trainable"] == POOLER + CLASSIFIER
    assert found["model"]["parameters"] == WHOLE


def test_check_prints_it_for_reading(task: Path, ftcore: Any) -> None:
    answer = ftcore("spec", "check", task)
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    for line in (
        "train 4 1 1 (25.0%) 1 (25.0%) 4.5",
        "test 2 0 0 (0.0%) 0 (0.0%) 4.0",
        "overlap 1 rows of test are in train too",
        "2 labels train test",
        "animal 3 1",
        f"parameters {WHOLE:,}, trainable {WHOLE:,}",
        "training 4 steps of 2 examples, evaluated every 2; best by accuracy",
        "cross-entropy, adamw at 0.001, cosine after 2 warm-up steps",
        f"{task} is valid",
    ):
        assert line in lines
    (bad,) = [line for line in lines if line.startswith("bad row")]
    assert "train.csv" in bad


def test_check_writes_nothing_beside_the_spec(task: Path, ftcore: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(task.parent)
    before = sorted(task.parent.rglob("*"))
    assert ftcore("spec", "check", "task.yaml").code == 0
    assert sorted(task.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("override", "part"),
    [
        ("data.on_bad_row=stop", "train.csv"),
        ("data.train=absent.csv", "absent.csv"),
        ("model.from_scratch.architecture=absent", "absent"),
        ("model.trainable=[no.such.*]", "model.trainable"),
        ("data.columns={text: body}", "body"),
    ],
)
def test_what_does_not_bind_is_one_line(task: Path, ftcore: Any, override: str, part: str) -> None:
    answer = ftcore("spec", "check", task, "--set", override)
    assert answer.code == 2
    assert answer.out == ""
    (line,) = [line for line in answer.err.splitlines() if line.startswith("error: ")]
    assert part in line
    assert "Traceback" not in answer.err
