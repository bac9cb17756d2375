"""A row with a weight counts in the loss and the metrics as so many rows, in every task and on every backend."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from sklearn.metrics import accuracy_score, f1_score

import ftcore
from ftcore.contract import discovery as backend
from ftcore.data import CountedDataset, Splits
from ftcore.errors import DataError
from ftcore.inputs import Preparer
from ftcore.loop import Job
from ftcore.observer import Silent
from ftcore.runs import Bound, bind, job_of
from ftcore.spec import load_spec
from ftcore.targets.one_number import OneNumber
from ftcore.tasks import TASKS
from tests import tiny
from tests.earlier.cases import LABELLED, LANGUAGE
from tests.question_answering import asked

BACKENDS = backend.names()
CASES = {**LABELLED, **LANGUAGE}
WHOLE = {"spearman", "span_f1", "span_precision", "span_recall", "exact_match", "f1"}
"""Metrics that do not weigh, or only in some tasks."""
REPEATED = [
    task for task in CASES if task not in ("sentence-embedding", "semantic-role-labeling", "multi-label-classification")
]


def write_case(task: str, folder: Path) -> Path:
    if task == "question-answering":
        return asked.write_task(folder)
    case = CASES[task]
    case.write(folder)
    (folder / "task.yaml").write_text(yaml.safe_dump(case.spec))
    return folder / "task.yaml"


def bound_case(task: str, folder: Path) -> Bound:
    path = write_case(task, folder)
    return bind(load_spec(path), path.parent, Silent())


def weights_of(dataset: CountedDataset, values: tuple[float, ...]) -> np.ndarray:
    """Return a weight for each example: the same for all parts of a row."""
    parts = np.ones(len(dataset), np.int64) if dataset.parts is None else dataset.parts
    of_rows = np.resize(np.asarray(values, np.float32), len(parts))
    return np.repeat(of_rows, parts)


@pytest.mark.parametrize("task", [*CASES, "question-answering"])
def test_batches_carry_the_weights(task: str, tmp_path: Path) -> None:
    train = bound_case(task, tmp_path).data.train
    weights = weights_of(train, (0.5, 1.0, 2.5))
    weighted, ids = train.weighted(weights), np.asarray([4, 0, 3, 1])
    assert train.weights is None
    assert weighted.weights is not None
    np.testing.assert_array_equal(weighted.weights, weights)
    np.testing.assert_array_equal(weighted.subset(ids).weights, weights[ids])  # type: ignore[arg-type]
    for name in ("batch", "packed"):
        try:
            one, other = getattr(train, name)(ids), getattr(weighted, name)(ids)
        except TypeError:
            assert name == "packed"
            continue
        np.testing.assert_array_equal(other.weights, one.weights * of_places(one, weights[ids]), err_msg=name)
    one, other = (dataset.subset(ids).batch(np.arange(4)) for dataset in (train, weighted))
    np.testing.assert_array_equal(other.weights, one.weights * of_places(one, weights[ids]))


def of_places(batch: Any, weights: np.ndarray) -> np.ndarray:
    """Return the weights in the shape of a batch's own."""
    if batch.weights.ndim == 1:
        return weights
    if "segment_ids" not in batch.inputs:
        return weights[:, None]
    return np.append(weights, 0.0)[batch.inputs["segment_ids"]]


@dataclass(frozen=True)
class Built:
    bound: Bound
    job: Job
    preparer: Preparer

    @property
    def splits(self) -> Splits:
        """The splits as the network reads them, whose token table may be reduced."""
        network: Any = self.bound.network
        found: Splits = network.material.splits
        return found

    def evaluated(self, dataset: CountedDataset) -> Mapping[str, float]:
        return self.job.evaluate(self.preparer.for_evaluation(dataset)).metrics


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Built]:
    def build(task: str, name: str) -> Built:
        bound = bound_case(task, tmp_path_factory.mktemp(task))
        return Built(bound, job_of(bound, backend.load(name), Silent()), bound.preparer)

    return build


FIRST = ("text-classification", "causal-language-modeling")


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize(
    "task", [task if task in FIRST else pytest.param(task, marks=pytest.mark.slow) for task in REPEATED]
)
def test_a_weight_of_two_is_two_rows(task: str, name: str, built: Callable[[str, str], Built]) -> None:
    of_task = built(task, name)
    validation = of_task.splits["validation"]
    weights = weights_of(validation, (1.0, 2.0))
    repeated = validation.subset(np.concatenate([np.arange(len(validation)), np.flatnonzero(weights == 2)]))
    found, wanted = of_task.evaluated(validation.weighted(weights)), of_task.evaluated(repeated)
    plain = of_task.evaluated(validation)
    for metric in wanted.keys() - WHOLE:
        assert found[metric] == pytest.approx(wanted[metric], rel=1e-5, abs=1e-7), metric
    assert found["loss"] != plain["loss"]


def test_pearson_is_that_of_repeated_rows() -> None:
    generator = np.random.default_rng(1)
    predicted, wanted = generator.normal(size=(2, 30, 1))
    weights = generator.integers(1, 5, 30)
    found = OneNumber().metrics(predicted, wanted, weights.astype(np.float32))
    repeated = OneNumber().metrics(np.repeat(predicted, weights, axis=0), np.repeat(wanted, weights, axis=0))
    for metric in ("pearson", "mean_squared_error", "mean_absolute_error"):
        assert found[metric] == pytest.approx(repeated[metric])
    assert found["spearman"] == OneNumber().metrics(predicted, wanted)["spearman"]


def test_several_labels_are_judged_as_scikit_learn_does() -> None:
    generator = np.random.default_rng(2)
    logits, targets = generator.normal(size=(40, 3)), generator.integers(0, 2, (40, 3)).astype(np.float32)
    weights = generator.uniform(0.1, 3, 40).astype(np.float32)
    found = TASKS["multi-label-classification"].target.metrics(logits, targets, weights)  # type: ignore[attr-defined]
    assert found == {
        "micro_f1": f1_score(targets, logits > 0, average="micro", sample_weight=weights),
        "macro_f1": f1_score(targets, logits > 0, average="macro", sample_weight=weights),
        "exact_match": accuracy_score(targets, logits > 0, sample_weight=weights),
    }


def write_weighted(folder: Path, **changes: Any) -> Path:
    path = tiny.write_task(folder, data__columns={"weight": "share"}, **changes)
    for split in ("train", "validation", "test"):
        lines = (folder / f"{split}.jsonl").read_text().splitlines()
        rows = [{**json.loads(line), "share": 1 + number % 3} for number, line in enumerate(lines)]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def repeated(path: Path) -> None:
    """Write each row of a file as often as its weight says."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**row, "share": 1}) + "\n" for row in rows for _ in range(row["share"])))


def losses(run: ftcore.Run) -> list[float]:
    return [event["loss"] for event in run.history if event["event"] == "train"]


@pytest.mark.slow
def test_a_run_with_weights_is_one_with_repeated_rows_on_every_backend(tmp_path: Path) -> None:
    whole = {"training__batch_size": 200, "training__epochs": 6, "training__clip_norm": None}
    weighted, plain = (write_weighted(tmp_path / name, **whole) for name in ("weighted", "plain"))
    for split in ("train", "validation", "test"):
        repeated(plain.parent / f"{split}.jsonl")
    runs = {name: ftcore.run(weighted, name, tmp_path / name) for name in BACKENDS}
    wanted = ftcore.run(plain, BACKENDS[0], tmp_path / "repeated")
    for name, run in runs.items():
        np.testing.assert_allclose(losses(run), losses(wanted), rtol=1e-5, err_msg=name)
        assert run.metrics["test"] == pytest.approx(wanted.metrics["test"], rel=1e-4), name
        check_by_scikit_learn(run, weighted.parent / "test.jsonl", name)


def check_by_scikit_learn(run: ftcore.Run, file: Path, name: str) -> None:
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    weights, labels = [row["share"] for row in rows], [row["label"] for row in rows]
    predictions = ftcore.predict(run.folder, file, name)
    said = [one["label"] for one in predictions]
    likelihoods = np.log([one["scores"][label] for one, label in zip(predictions, labels, strict=True)])
    wanted = {
        "loss": -np.average(likelihoods, weights=weights),
        "accuracy": accuracy_score(labels, said, sample_weight=weights),
        "macro_f1": f1_score(labels, said, average="macro", sample_weight=weights, zero_division=0),
    }
    assert ftcore.evaluate(run.folder, file, name) == pytest.approx(wanted, rel=1e-4)
    assert run.metrics["test"] == pytest.approx(wanted, rel=1e-4)


@pytest.mark.slow
def test_a_file_without_the_column_is_not_judged_as_if_it_had_it(tmp_path: Path) -> None:
    run = ftcore.run(write_weighted(tmp_path, training__epochs=0.2), BACKENDS[0], tmp_path / "run")
    tiny.write_rows(tmp_path / "other.jsonl", 5)
    with pytest.raises(DataError, match=r"there is no column 'share'.* set data.columns.weight"):
        ftcore.evaluate(run.folder, tmp_path / "other.jsonl", BACKENDS[0])
    assert len(ftcore.predict(run.folder, tmp_path / "other.jsonl", BACKENDS[0])) == 5
