"""Results: an ordinary folder for transformers, predictions, features, across backends."""

import json
from pathlib import Path

import numpy as np
import pytest

import ftcore
from ftcore.contract import discovery as backend
from ftcore.errors import RunError
from tests.tiny import write_task

BACKENDS = backend.names()
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_task(tmp_path_factory.mktemp("task"))


@pytest.fixture(scope="module")
def runs(task: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ftcore.Run]:
    folder = tmp_path_factory.mktemp("runs")
    return {name: ftcore.run(task, backend=name, output=folder / name) for name in BACKENDS}


def texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text().splitlines()]


@pytest.mark.parametrize("name", BACKENDS)
def test_a_result_loads_in_plain_transformers_with_the_same_logits(
    task: Path, runs: dict[str, ftcore.Run], name: str
) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model, report = AutoModelForSequenceClassification.from_pretrained(runs[name].model_dir, output_loading_info=True)
    assert not any(report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert model.config.id2label == {0: "colour", 1: "size", 2: "thing"}
    tokenizer = AutoTokenizer.from_pretrained(runs[name].model_dir)
    predicted = ftcore.predict(runs[name].folder, task.parent / "test.jsonl", backend=name)
    for row, text in zip(predicted, texts(task.parent / "test.jsonl"), strict=True):
        with torch.no_grad():
            logits = model.eval()(**tokenizer(text, return_tensors="pt")).logits
        expected = torch.softmax(logits.double(), dim=1)[0].numpy()
        np.testing.assert_allclose(list(row["scores"].values()), expected, rtol=0, atol=1e-5)


def test_each_backend_reads_the_other_one_s_result(task: Path, runs: dict[str, ftcore.Run]) -> None:
    for run in runs.values():
        given = [ftcore.evaluate(run.folder, task.parent / "test.jsonl", backend=name) for name in BACKENDS]
        assert given[0] == pytest.approx(given[1], rel=1e-5)
        assert given[0] == pytest.approx(run.metrics["test"], rel=1e-5)


def test_predictions_are_written_once_and_in_order(task: Path, runs: dict[str, ftcore.Run], tmp_path: Path) -> None:
    run = runs[BACKENDS[0]]
    written = ftcore.predict(run.folder, task.parent / "test.jsonl", backend=BACKENDS[0], output=tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in Path(str(written)).read_text().splitlines()]
    assert rows == ftcore.predict(run.folder, task.parent / "test.jsonl", backend=BACKENDS[0])
    with pytest.raises(RunError, match="exists"):
        ftcore.predict(run.folder, task.parent / "test.jsonl", backend=BACKENDS[0], output=tmp_path / "out.jsonl")


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "last", "pooler"])
def test_features_are_the_same_on_every_backend(task: Path, tmp_path: Path, pooling: str) -> None:
    given = [
        ftcore.features(task.parent / "model", task.parent / "test.jsonl", backend=name, pooling=pooling)
        for name in BACKENDS
    ]
    assert given[0].shape == (12, 16)
    np.testing.assert_allclose(given[0], given[1], rtol=0, atol=2e-6)
    path = ftcore.features(
        task.parent / "model", task.parent / "test.jsonl", BACKENDS[0], pooling, output=tmp_path / "vectors.npy"
    )
    np.testing.assert_array_equal(np.load(path), given[0])


def test_normalized_features_have_length_one(task: Path) -> None:
    model, data = task.parent / "model", task.parent / "test.jsonl"
    plain, scaled = (ftcore.features(model, data, BACKENDS[0], normalize=each) for each in (False, True))
    lengths = np.linalg.norm(plain, axis=1, keepdims=True)
    assert np.ptp(lengths) > 1e-3
    np.testing.assert_allclose(scaled, plain / lengths, rtol=1e-5)


@pytest.mark.parametrize("name", BACKENDS)
def test_another_pooling_is_written_apart_and_read_back(task: Path, tmp_path: Path, name: str) -> None:
    from transformers import AutoModel

    run = ftcore.run(task, backend=name, output=tmp_path / "run", overrides=["model.pooling=mean"])
    assert any("head.safetensors" in note for note in run.result["notes"])
    _, report = AutoModel.from_pretrained(run.model_dir, add_pooling_layer=False, output_loading_info=True)
    assert not any(report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    again = ftcore.evaluate(run.folder, task.parent / "test.jsonl", backend=name)
    assert again == pytest.approx(run.metrics["test"], rel=1e-5)


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("kind", ["multi-label-classification", "text-regression"])
def test_the_other_tasks(task: Path, tmp_path: Path, name: str, kind: str) -> None:
    rows = [json.loads(line) for line in (task.parent / "train.jsonl").read_text().splitlines()]
    for row in rows:
        words = row["text"].split()
        row["labels"] = sorted(set(words) & {"red", "dog", "cold"})
        row["label"] = len(words) / 4
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = tmp_path / "train.jsonl"
    settings = [f"task={kind}", f"data={{train: {data}, validation: {data}, test: {data}, max_length: 16}}"]
    settings += ["training.epochs=20"]
    run = ftcore.run(task, backend=name, output=tmp_path / "run", overrides=settings)
    metric = "micro_f1" if kind.startswith("multi") else "pearson"
    assert run.metrics["test"][metric] > 0.8
    predicted = ftcore.predict(run.folder, data, backend=name)
    assert len(predicted) == len(rows)
    assert set(predicted[0]) == ({"labels", "scores"} if kind.startswith("multi") else {"label"})


@pytest.mark.parametrize("pair", ["joint", "separate"])
def test_pairs(task: Path, tmp_path: Path, pair: str) -> None:
    texts_of = texts(task.parent / "train.jsonl")
    rows = [
        {"text_a": one, "text_b": other, "label": float(len(set(one.split()) & set(other.split())))}
        for one, other in zip(texts_of, reversed(texts_of), strict=True)
    ]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = f"data={{train: {tmp_path / 'pairs.jsonl'}, validation: 0.2, max_length: 32, pair: {pair}}}"
    settings = ["task=text-regression", "model.pooling=mean", "model.normalize=true", "precision=float64", data]
    runs = [ftcore.run(task, backend=name, output=tmp_path / name, overrides=settings) for name in BACKENDS]
    curves = [[event["loss"] for event in run.history if event["event"] == "train"] for run in runs]
    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-8)
    rows_of = [ftcore.predict(run.folder, tmp_path / "pairs.jsonl", run.result["backend"]) for run in runs]
    predicted = [[row["label"] for row in found] for found in rows_of]
    np.testing.assert_allclose(predicted[0], predicted[1], rtol=1e-6)
