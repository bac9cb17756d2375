"""Runs of sentence embedding: one curve on every backend, whatever the rows; the result as others read it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import texts
import torch
from transformers import AutoModel, AutoTokenizer

from ftcore import finetune, library
from ftcore.comparison.records import read_record
from ftcore.comparison.table import shown_metric
from ftcore.conformance.measure import relative
from ftcore.contract import Outputs, Step, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import MultipleNegativesRanking
from ftcore.contract.optimizers.clipping import global_norm
from ftcore.errors import BackendError, DataError, FtcoreError, ModelError, SpecError
from ftcore.loop import check_whole
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.runs.job import job_of
from ftcore.spec.reading import load_spec
from ftcore.tasks import TASKS
from tests import tiny

TRIPLET = {"name": "triplet", "margin": 0.5}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def losses(run: Path) -> list[float]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row["loss"] for row in rows if "learning_rate" in row]


KINDS: dict[str, tuple[Any, dict[str, Any], set[str]]] = {
    "pairs": (texts.pair, {}, {"recall_at_1", "recall_at_5", "recall_at_10"}),
    "scores": (texts.scored, {"loss": texts.SCORED}, {"spearman"}),
    "triplets, with dropout": (
        texts.triplet,
        {"loss": TRIPLET, "model__dropout": 0.1, "model__normalize": True},
        {"recall_at_1", "recall_at_5", "recall_at_10"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_run_is_the_same_on_every_backend(name: str, tmp_path: Path) -> None:
    kind, changes, metrics = KINDS[name]
    task = texts.write_task(tmp_path, kind, precision="float64", **changes)
    first, second = (library.run(task, backend=name, output=tmp_path / name) for name in backends.names())
    assert len(losses(first.folder)) == 12
    assert relative(losses(first.folder), losses(second.folder)) <= 1e-8
    assert first.metrics["test"] == pytest.approx(second.metrics["test"], rel=1e-6)
    assert min(losses(first.folder)[-3:]) < 0.6 * losses(first.folder)[0]
    assert set(first.metrics["test"]) == {"loss", *metrics}
    record = read_record("torch", first.folder)
    assert shown_metric(TASKS["sentence-embedding"].target, record) == (
        "spearman" if name == "scores" else "recall_at_1"
    )


@pytest.mark.parametrize("name", backends.names())
@pytest.mark.parametrize("kind", [texts.pair, texts.triplet], ids=["pairs", "triplets"])
@pytest.mark.slow
def test_packed_rows_give_the_same_gradient_and_a_split_step_none(kind: Any, name: str, tmp_path: Path) -> None:
    bound = bind(load_spec(texts.write_task(tmp_path, kind, precision="float64")), tmp_path, Silent())
    learner, train = job_of(bound, backends.load(name), Silent()).learner, bound.network.material.splits["train"]
    padded, packed = (
        learner.gradients(Step(1, [batch], 8.0, 0.1))
        for batch in (train.batch(np.arange(8)), train.packed(np.arange(8)))
    )
    assert global_norm(padded) > 0
    assert global_norm({path: packed[path] - padded[path] for path in padded}) <= 1e-10 * global_norm(padded)
    halves = [train.batch(np.arange(4)), train.batch(np.arange(4, 8))]
    with pytest.raises(BackendError, match="multiple-negatives-ranking couples the examples"):
        check_whole(halves, bound.loss, learner)


def test_the_loss_is_that_of_transformers_vectors(tmp_path: Path) -> None:
    task = texts.write_task(tmp_path, training={"max_steps": 1, "batch_size": 21})
    run = library.run(task, backend="torch", output=tmp_path / "run")
    first, second = (
        _pooled(tmp_path / "model", [texts.pair(number)[name] for number in range(21)]) for name in ("text_a", "text_b")
    )
    scores = 20 * torch.nn.functional.normalize(first) @ torch.nn.functional.normalize(second).T
    assert losses(run.folder) == pytest.approx([float(torch.nn.functional.cross_entropy(scores, torch.arange(21)))])


def _pooled(folder: Path, given: list[str]) -> torch.Tensor:
    """Return the mean of each text's tokens, float64 [texts, hidden], by transformers."""
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False).double().eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        found = [model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(dim=0) for text in given]
    return torch.stack(found)


def test_the_result_is_an_encoder_of_transformers(tmp_path: Path) -> None:
    run = library.run(texts.write_task(tmp_path, model__normalize=True), backend="torch", output=tmp_path / "run")
    folder = run.folder / "model"
    assert json.loads((folder / "config.json").read_text())["architectures"] == ["BertModel"]
    assert not {"id2label", "label2id", "problem_type"} & json.loads((folder / "config.json").read_text()).keys()
    assert not (folder / "head.safetensors").exists()
    rows = [texts.pair(number) for number in range(50, 58)]
    data = texts.write(tmp_path / "new.jsonl", rows)
    first, second = (_pooled(folder, [row[name] for row in rows]) for name in ("text_a", "text_b"))
    wanted = torch.nn.functional.cosine_similarity(first, second).tolist()
    predicted = library.predict(run.folder, data)
    assert [row["cosine"] for row in predicted] == pytest.approx(wanted, abs=1e-5)
    found = library.features(run.folder, data, backend="torch", columns={"text": "text_a"})
    np.testing.assert_allclose(found, torch.nn.functional.normalize(first), atol=1e-5)
    longer = library.features(run.folder, data, backend="torch", normalize=False, columns={"text": "text_a"})
    np.testing.assert_allclose(longer, first, atol=1e-5)


def test_predictions_of_a_triplet(tmp_path: Path) -> None:
    run = library.run(texts.write_task(tmp_path, texts.triplet), backend="torch", output=tmp_path / "run")
    rows = library.predict(run.folder, tmp_path / "test.jsonl")
    assert [set(row) for row in rows] == [{"cosine_positive", "cosine_negative"}] * 12
    triplet = texts.triplet(200)
    first, near, far = _pooled(run.folder / "model", [triplet[name] for name in ("anchor", "positive", "negative")])
    wanted = [float(torch.cosine_similarity(first, other, dim=0)) for other in (near, far)]
    assert list(rows[0].values()) == pytest.approx(wanted, abs=1e-5)


def test_files_of_sentence_transformers(tmp_path: Path) -> None:
    """As all-MiniLM-L6-v2's own folder has them."""
    run = library.run(texts.write_task(tmp_path, model__normalize=True), backend="torch", output=tmp_path / "run")
    folder = run.folder / "model"
    of = "sentence_transformers.models."
    assert json.loads((folder / "modules.json").read_text()) == [
        {"idx": 0, "name": "0", "path": "", "type": f"{of}Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{of}Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{of}Normalize"},
    ]
    assert json.loads((folder / "1_Pooling" / "config.json").read_text()) == {
        "word_embedding_dimension": 16,
        "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": True,
        "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False,
        "pooling_mode_weightedmean_tokens": False,
        "pooling_mode_lasttoken": False,
        "include_prompt": True,
    }
    assert list((folder / "2_Normalize").iterdir()) == []
    assert json.loads((folder / "sentence_bert_config.json").read_text()) == {
        "max_seq_length": 16,
        "do_lower_case": False,
    }


@pytest.mark.parametrize("pooling", ["cls", "mean", "max", "last"])
@pytest.mark.parametrize("normalize", [True, False])
def test_files_of_sentence_transformers_are_read(pooling: str, normalize: bool, tmp_path: Path) -> None:
    changes = {"model__pooling": pooling, "model__normalize": normalize, "training": {"max_steps": 1}}
    run = library.run(texts.write_task(tmp_path, **changes), backend="torch", output=tmp_path / "run")
    plain = tmp_path / "plain"
    shutil.copytree(run.folder / "model", plain)
    (plain / "ftcore.json").unlink()
    texts.write_task(tmp_path, model={"pretrained": "plain"})
    head = bind(load_spec(tmp_path / "task.yaml"), tmp_path, Silent()).network.model.network.head
    assert (head.pooling, head.normalize) == (pooling, normalize)


def test_other_files_of_sentence_transformers_are_refused(tmp_path: Path) -> None:
    run = library.run(texts.write_task(tmp_path, training={"max_steps": 1}), backend="torch", output=tmp_path / "run")
    plain = tmp_path / "plain"
    shutil.copytree(run.folder / "model", plain)
    (plain / "ftcore.json").unlink()
    pooling = plain / "1_Pooling" / "config.json"
    (plain / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_weightedmean_tokens": True}))
    task = texts.write_task(tmp_path, model={"pretrained": "plain"})
    with pytest.raises(ModelError, match=r"asks for pooling_mode_weightedmean_tokens; .*: give model\.pooling and"):
        bind(load_spec(task), tmp_path, Silent())
    pooling.unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        bind(load_spec(task), tmp_path, Silent())
    (plain / "modules.json").write_text(json.dumps([{"type": "sentence_transformers.models.Dense", "path": "2_Dense"}]))
    with pytest.raises(ModelError, match="has the module Dense, from which ftcore cannot make vectors"):
        bind(load_spec(task), tmp_path, Silent())
    given = texts.write_task(tmp_path, model={"pretrained": "plain", "pooling": "mean", "normalize": True})
    assert bind(load_spec(given), tmp_path, Silent()).network.model.network.head.normalize


def test_a_file_may_lack_a_column_that_another_names(tmp_path: Path) -> None:
    columns = {"text_a": "question", "text_b": "answer", "score": "likeness"}
    task = texts.write_task(tmp_path, data__columns=columns)
    given = [texts.scored(number) for number in range(21)]
    named = [{columns[own]: value for own, value in row.items()} for row in given]
    texts.write(tmp_path / "validation.jsonl", named)
    texts.write(tmp_path / "train.jsonl", [{own: row[own] for own in ("question", "answer")} for row in named])
    texts.write(tmp_path / "test.jsonl", [texts.triplet(number) for number in range(9)])
    run = library.run(task, backend="torch", output=tmp_path / "run", overrides=["training.max_steps=1"])
    assert "spearman" in run.metrics["validation"]
    assert "recall_at_1" in run.metrics["test"]
    texts.write_task(tmp_path, data__columns={"score": "liking"})
    with pytest.raises(DataError, match=r"data\.columns\.score: the column 'liking' is not read from any file"):
        library.run(task, backend="torch", output=tmp_path / "second")


def test_a_pooler_has_no_files_of_sentence_transformers(tmp_path: Path) -> None:
    task = texts.write_task(tmp_path, model__pooling="pooler", training={"max_steps": 1})
    run = library.run(task, backend="torch", output=tmp_path / "run")
    assert not (run.folder / "model" / "modules.json").exists()
    assert any("sentence-transformers has no pooling pooler" in note for note in run.result["notes"])
    assert library.evaluate(run.folder, tmp_path / "test.jsonl") == pytest.approx(run.metrics["test"], rel=1e-5)


def test_a_result_is_trained_further_for_another_task(tmp_path: Path) -> None:
    run = library.run(texts.write_task(tmp_path, model__normalize=True), backend="torch", output=tmp_path / "run")
    rows = [{"text": texts.pair(number)["text_a"], "label": number % 3} for number in range(21)]
    for split in ("train", "validation", "test"):
        texts.write(tmp_path / f"{split}.jsonl", rows)
    task = tmp_path / "task.yaml"
    spec = load_spec(task, ["task=text-classification", "data.pair=joint", f"model.pretrained={run.folder}"])
    head = bind(spec, tmp_path, Silent()).network.model.network.head
    assert (head.pooling, head.normalize, head.outputs, head.vectors) == ("mean", True, 3, False)


def test_vectors_of_a_classifier_are_the_mean_of_tokens(tmp_path: Path) -> None:
    """Its own pooling was trained to tell classes apart."""
    run = library.run(tiny.write_task(tmp_path, training={"max_steps": 1}), backend="torch", output=tmp_path / "run")
    found = library.features(run.folder, tmp_path / "test.jsonl", backend="torch")
    wanted = library.features(run.folder, tmp_path / "test.jsonl", backend="torch", pooling="mean", normalize=False)
    np.testing.assert_array_equal(found, wanted)


def test_triplets_are_trained_and_scores_measured(tmp_path: Path) -> None:
    task = texts.write_task(tmp_path, texts.triplet)
    for split in ("validation", "test"):
        texts.write(tmp_path / f"{split}.jsonl", [texts.scored(number) for number in range(10)])
    run = library.run(task, backend="torch", output=tmp_path / "run")
    assert set(run.metrics["test"]) == {"loss", "spearman"}
    assert library.evaluate(run.folder, tmp_path / "test.jsonl") == pytest.approx(run.metrics["test"], rel=1e-5)
    assert set(library.predict(run.folder, tmp_path / "test.jsonl")[0]) == {"cosine"}


def test_best_evaluation_and_batches_follow_the_data(tmp_path: Path) -> None:
    plan = bind(load_spec(texts.write_task(tmp_path)), tmp_path, Silent()).plan
    assert (plan.best_metric, plan.best_mode, plan.batching) == ("recall_at_1", "max", "packed")
    scored = texts.write_task(tmp_path, texts.scored, loss=texts.SCORED, training__best={"metric": "loss"})
    plan = bind(load_spec(scored), tmp_path, Silent()).plan
    assert (plan.best_metric, plan.best_mode) == ("loss", "min")
    assert bind(load_spec(scored, ["training.best={}"]), tmp_path, Silent()).plan.best_metric == "spearman"


WRONG: dict[str, tuple[Any, dict[str, Any], type[FtcoreError], str]] = {
    "scores of another range": (
        texts.scored,
        {"loss": "cosine-similarity"},
        DataError,
        r"data.train: scores from 0 to 4 are outside .* such as loss: \{name: cosine-similarity, score_at_zero: 0, "
        r"score_at_one: 4\}",
    ),
    "no scores": (
        texts.pair,
        {"loss": "cosine-similarity"},
        DataError,
        "data.train: .* needs pairs with the column score",
    ),
    "scores that are not read": (texts.scored, {}, DataError, "data.train: has scores, .* set loss: cosine-similarity"),
    "a score column that is not there": (
        texts.pair,
        {"data__columns": {"score": "likeness"}},
        DataError,
        "the column 'likeness' is not read from any file",
    ),
    "triplet of pairs": (texts.pair, {"loss": "triplet"}, DataError, "needs the columns anchor, positive, negative"),
    "cosine of triplets": (
        texts.triplet,
        {"loss": "cosine-similarity"},
        DataError,
        "needs pairs with the column score",
    ),
    "triplets with scores": (
        lambda number: {**texts.triplet(number), "score": 1},
        {"loss": TRIPLET},
        DataError,
        "but only pairs can have a score",
    ),
    "one score": ("", {"loss": {"name": "cosine-similarity", "score_at_zero": 1.0}}, SpecError, "is the same as"),
    "a score that is no number": (
        lambda number: {**texts.scored(number), "score": "much"},
        {"loss": texts.SCORED},
        DataError,
        "the score must be a number, not 'much'",
    ),
    "no pair": (lambda number: {"text": "dog"}, {}, DataError, "there is no column 'text_a'"),
    "joint": (
        "",
        {"data__pair": "joint"},
        SpecError,
        "data.pair: given 'joint'; allowed: separate",
    ),
    "a module": (
        "",
        {"model": {"module": "a:b"}},
        SpecError,
        "model.module: unknown field in the task sentence-embedding, it is one of text-classification, ",
    ),
    "a module's tokenizer": (
        "",
        {"model__tokenizer": "c"},
        SpecError,
        "model.tokenizer: unknown field in the task sentence-embedding, it is one of text-classification, ",
    ),
    "labels": (
        "",
        {"data__labels": ["a", "b"]},
        SpecError,
        "data.labels: unknown field in the task sentence-embedding, it is one of text-classification, ",
    ),
    "micro-batches": (
        "",
        {"training__micro_batch_size": 4},
        SpecError,
        "micro_batch_size: is given, and loss multiple-",
    ),
    "sorted": (
        "",
        {"training__batching": "sorted"},
        SpecError,
        "batching: given sorted, and .* allowed: packed, padded",
    ),
    "alone": ("", {"training__batch_size": 1}, SpecError, "batch_size: given 1, and .* give 2 or more"),
    "another loss": (
        "",
        {"loss": "cross-entropy"},
        SpecError,
        "does not fit the task sentence-embedding; allowed: mul",
    ),
    "a loss of vectors": (
        "",
        {"task": "text-regression", "loss": "triplet"},
        SpecError,
        "triplet does not fit the task text-regression",
    ),
    "a metric of scores": (
        texts.pair,
        {"training__best": {"metric": "spearman"}},
        SpecError,
        "training.best.metric: given spearman, but the data has no scores; allowed: recall_at_1",
    ),
    "a metric of pairs": (
        texts.scored,
        {"loss": texts.SCORED, "training__best": {"metric": "recall_at_5"}},
        SpecError,
        "given recall_at_5, but the data has scores, .* allowed: spearman",
    ),
    "nothing to train": (texts.pair, {"model__trainable": "head"}, ModelError, "selects nothing to train"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_said_in_one_line(name: str, tmp_path: Path) -> None:
    kind, changes, error, message = WRONG[name]
    task = texts.write_task(tmp_path, kind or texts.pair, **changes)
    with pytest.raises(error, match=message) as raised:
        bind(load_spec(task), tmp_path, Silent())
    assert "\n" not in str(raised.value)


def test_a_file_that_the_loss_cannot_read_is_not_evaluated(tmp_path: Path) -> None:
    run = library.run(
        texts.write_task(tmp_path, texts.scored, loss=texts.SCORED), backend="torch", output=tmp_path / "run"
    )
    data = texts.write(tmp_path / "pairs.jsonl", [texts.pair(number) for number in range(5)])
    with pytest.raises(DataError, match=r"pairs.jsonl: loss cosine-similarity needs pairs with the column score"):
        library.evaluate(run.folder, data)


def test_finetune_has_no_losses_of_vectors() -> None:
    with pytest.raises(SpecError, match="triplet is for the task sentence-embedding"):
        finetune(torch.nn.Linear(2, 2), np.zeros((4, 2), np.float32), np.zeros(4), loss="triplet")


@pytest.mark.realdata
def test_real_scores_are_within_the_range() -> None:
    path = Path(__file__).parents[2] / "benchmarks" / "specs" / "stsb-embedding.yaml"
    bound = bind(load_spec(path), path.parent, Silent())
    assert (bound.network.model.network.head.pooling, bound.network.model.network.head.normalize) == ("mean", True)
    assert (len(bound.data.train), bound.data.train.targets.min(), bound.data.train.targets.max()) == (1000, 0.0, 5.0)


def test_weights_of_examples_reach_the_backends(tmp_path: Path) -> None:
    bound = bind(load_spec(texts.write_task(tmp_path, precision="float64")), tmp_path, Silent())
    batch = bound.network.material.splits["train"].batch(np.arange(6))
    weighted = replace(batch, weights=np.asarray([0.5, 2.0, 0.0, 1.0, 0.25, 3.0], np.float32))
    for name in backends.names():
        found = job_of(bound, backends.load(name), Silent()).learner.forward(weighted, Want(loss=True, pooled=True))
        wanted = MultipleNegativesRanking().reference(Outputs(found.pooled), weighted)
        assert found.loss == pytest.approx(wanted.total, rel=1e-10)
        np.testing.assert_array_equal(found.logits, found.pooled)
