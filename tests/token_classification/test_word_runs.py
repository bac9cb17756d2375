"""Runs of token classification: one curve on every backend, whatever the batching; evaluated, predicted, resumed."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentences

from ftcore import library
from ftcore.conformance.measure import relative
from ftcore.contract import discovery as backends
from ftcore.errors import ModelError, SpecError
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.spec.reading import load_spec

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def losses(run: Path) -> list[float]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row["loss"] for row in rows if "learning_rate" in row]


@pytest.mark.slow
@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_a_run_is_the_same_on_every_backend(dropout: float, tmp_path: Path) -> None:
    task = sentences.write_task(tmp_path, model__dropout=dropout, precision="float64")
    first, second = (library.run(task, backend=name, output=tmp_path / name) for name in backends.names())
    assert len(losses(first.folder)) == 15
    assert relative(losses(first.folder), losses(second.folder)) <= 1e-8
    assert first.metrics["test"] == pytest.approx(second.metrics["test"], rel=1e-6)
    assert losses(first.folder)[-1] < 0.75 * losses(first.folder)[0]
    assert set(first.metrics["test"]) == {"loss", "accuracy", "span_f1", "span_precision", "span_recall"}


@pytest.mark.slow
@pytest.mark.parametrize("name", backends.names())
def test_every_batching_gives_the_same_curve(name: str, tmp_path: Path) -> None:
    ways: dict[str, Any] = {"packed": {}, "sorted": {}, "padded": {"training__micro_batch_size": 3}}
    curves = []
    for batching, more in ways.items():
        task = sentences.write_task(tmp_path, precision="float64", training__batching=batching, **more)
        curves.append(losses(library.run(task, backend=name, output=tmp_path / batching).folder))
    assert relative(curves[1], curves[0]) <= 1e-10
    assert relative(curves[2], curves[0]) <= 1e-10


def test_labels_on_all_subwords_are_another_loss(tmp_path: Path) -> None:
    curves = []
    for label_subwords in ("first", "all"):
        task = sentences.write_task(tmp_path, data__label_subwords=label_subwords, training__epochs=1)
        run = library.run(task, backend="torch", output=tmp_path / label_subwords)
        curves.append(losses(run.folder))
        evaluated = library.evaluate(run.folder, tmp_path / "test.jsonl")
        assert evaluated == pytest.approx(run.metrics["test"], rel=1e-5)
    assert abs(curves[0][-1] - curves[1][-1]) > 1e-2


def test_a_weight_for_each_tag(tmp_path: Path) -> None:
    """Balanced: words / (tags * words of the tag), and the loss is divided by the weights of its words."""
    task = sentences.write_task(tmp_path, loss={"name": "cross-entropy", "class_weights": "balanced"})
    bound = bind(load_spec(task), tmp_path, Silent())
    counts = np.bincount(bound.data.train.targets)
    np.testing.assert_allclose(bound.loss.class_weights, counts.sum() / (len(counts) * counts))
    batch = bound.data.train.batch(np.arange(40))
    assert bound.loss.weight(batch) == pytest.approx(counts.sum(), rel=1e-5)


class _Interrupt(Silent):
    """Stops a run at its seventh step."""

    def step(self, index: int, loss: float | None, learning_rate: float, examples_per_second: float) -> None:
        if index == 7:
            raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize("name", backends.names())
def test_a_run_goes_on_where_it_stopped(name: str, tmp_path: Path) -> None:
    task = sentences.write_task(tmp_path, model__dropout=0.1, training__checkpoint_every=4)
    whole = library.run(task, backend=name, output=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        library.run(task, backend=name, output=tmp_path / "stopped", observer=_Interrupt())
    resumed = library.run(task, backend=name, output=tmp_path / "stopped", resume=True)
    assert relative(losses(resumed.folder), losses(whole.folder)) <= 1e-6
    assert resumed.metrics["test"] == pytest.approx(whole.metrics["test"], rel=1e-5)


def test_predictions_are_those_of_transformers(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    task = sentences.write_task(tmp_path, data__max_length=9)
    run = library.run(task, backend="torch", output=tmp_path / "run")
    given = [*(sentences.sentence(number)["tokens"] for number in range(50, 58)), ["\x07", "dog"]]
    (tmp_path / "new.jsonl").write_text("".join(json.dumps({"tokens": words}) + "\n" for words in given))
    written = library.predict(run.folder, tmp_path / "new.jsonl", output=tmp_path / "predictions.jsonl")
    found = [json.loads(line) for line in Path(str(written)).read_text().splitlines()]
    assert [row["tokens"] for row in found] == given
    model = AutoModelForTokenClassification.from_pretrained(run.folder / "model").eval()
    tokenizer = AutoTokenizer.from_pretrained(run.folder / "model")
    for row in found:
        encoded = tokenizer(row["tokens"], is_split_into_words=True, truncation=True, max_length=9, return_tensors="pt")
        words = encoded.word_ids(0)
        with torch.no_grad():
            probabilities = model(encoded["input_ids"]).logits[0].softmax(-1)
        for place, (tag, score) in enumerate(zip(row["tags"], row["scores"], strict=True)):
            if place not in words:
                assert (tag, score) == (None, None)
                continue
            best = probabilities[words.index(place)]
            assert tag == model.config.id2label[int(best.argmax())]
            assert score == pytest.approx(float(best.max()), rel=1e-4)
    nulls = sum(row["tags"].count(None) for row in found)
    assert nulls > 1
    assert found[-1]["tags"][0] is None


def test_a_folder_of_transformers_is_evaluated_and_goes_on(tmp_path: Path) -> None:
    run = library.run(sentences.write_task(tmp_path), backend="torch", output=tmp_path / "run")
    folder = tmp_path / "plain"
    shutil.copytree(run.folder / "model", folder)
    (folder / "ftcore.json").unlink()
    assert library.evaluate(folder, tmp_path / "test.jsonl", backend="torch") == pytest.approx(
        run.metrics["test"], rel=1e-5
    )
    task = sentences.write_task(tmp_path, model__pretrained=str(folder), training={"max_steps": 1})
    again = library.run(task, backend="torch", output=tmp_path / "again")
    assert losses(again.folder)[0] < losses(run.folder)[0] / 2
    rows = [{"tokens": ["dog", "in"], "tags": ["B-PET", "O"]}]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    changed = load_spec(task, ["data.validation=null", "data.test=null"])
    with pytest.raises(ModelError, match="does not fit 2 outputs"):
        bind(changed, tmp_path, Silent())


def test_a_conll_file_is_evaluated_and_predicted(tmp_path: Path) -> None:
    run = library.run(sentences.write_task(tmp_path), backend="torch", output=tmp_path / "run")
    rows = [sentences.sentence(number) for number in range(200, 212)]
    text = "\n".join(
        "".join(f"{word}\t_\t{tag}\n" for word, tag in zip(row["tokens"], row["tags"], strict=True)) for row in rows
    )
    (tmp_path / "test.conll").write_text(text)
    assert library.evaluate(run.folder, tmp_path / "test.conll") == run.metrics["test"]
    predicted = library.predict(run.folder, tmp_path / "test.conll")
    assert isinstance(predicted, list)
    assert [row["tokens"] for row in predicted] == [row["tokens"] for row in rows]
    right = sum(
        one == other
        for row, said in zip(rows, predicted, strict=True)
        for one, other in zip(row["tags"], said["tags"], strict=True)
    )
    assert right / sum(len(row["tags"]) for row in rows) == pytest.approx(run.metrics["test"]["accuracy"])


def test_a_module_of_the_users_own(tmp_path: Path) -> None:
    task = sentences.write_task(tmp_path, model={"module": "net:build", "tokenizer": "model"})
    (tmp_path / "net.py").write_text(
        "import torch\n"
        "class Tagger(torch.nn.Module):\n"
        "    def __init__(self, outputs):\n"
        "        super().__init__()\n"
        "        self.table = torch.nn.Embedding(23, 8)\n"
        "        self.last = torch.nn.Linear(8, outputs)\n"
        "    def forward(self, input_ids):\n"
        "        return self.last(self.table(input_ids))\n"
        "def build():\n"
        "    return Tagger(4)\n"
    )
    run = library.run(task, backend="torch", output=tmp_path / "run", allow_code=True)
    assert losses(run.folder)[-1] < losses(run.folder)[0]
    (tmp_path / "wide.py").write_text((tmp_path / "net.py").read_text().replace("Tagger(4)", "Tagger(5)"))
    task = sentences.write_task(tmp_path, model={"module": "wide:build", "tokenizer": "model"})
    with pytest.raises(ModelError, match=r"for 2 examples, but the task needs \[2, \d+, 4\]"):
        library.run(task, backend="torch", output=tmp_path / "wrong", allow_code=True)


OF_WHOLE = (
    "unknown field in the task token-classification, it is one of text-classification, multi-label-classification, "
    "text-regression"
)
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "pooling": ({"model__pooling": "mean"}, f"model.pooling: {OF_WHOLE}, image-classification, "),
    "normalize": ({"model__normalize": True}, f"model.normalize: {OF_WHOLE}, image-classification, "),
    "pairs": ({"data__pair": "separate"}, f"data.pair: {OF_WHOLE} and sentence-embedding; allowed: "),
    "text": (
        {"data__columns": {"text": "tokens"}},
        "data.columns.text: the task token-classification has no column text",
    ),
    "another loss": ({"loss": "mean-squared-error"}, "does not fit the task token-classification"),
    "subwords of texts": (
        {"task": "text-classification", "data__label_subwords": "all"},
        "data.label_subwords: unknown field in the task text-classification, it is one of token-classification and "
        "semantic-role-labeling ",
    ),
    "tokens of texts": (
        {"task": "text-classification", "data__columns": {"tokens": "x"}},
        "data.columns.tokens: the task text-classification has no column tokens",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_for_other_tasks_is_refused(name: str, tmp_path: Path) -> None:
    changes, message = WRONG[name]
    with pytest.raises(SpecError, match=message):
        load_spec(sentences.write_task(tmp_path, **changes))


def test_a_best_metric_of_spans_needs_spans(tmp_path: Path) -> None:
    task = sentences.write_task(tmp_path, training__best={"metric": "span_f1"})
    assert bind(load_spec(task), tmp_path, Silent()).plan.best_metric == "span_f1"
    for split in ("train", "validation", "test"):
        path = tmp_path / f"{split}.jsonl"
        path.write_text(path.read_text().replace("B-", "").replace("I-", ""))
    with pytest.raises(
        SpecError, match=r"span_f1 is for tags of spans .BIO, BIOES, .*, but the data has ANIMAL, O, PLANT"
    ):
        bind(load_spec(task), tmp_path, Silent())


@pytest.mark.realdata
def test_every_word_of_the_real_data_is_read() -> None:
    path = ROOT / "benchmarks" / "specs" / "ewt-upos.yaml"
    data = bind(load_spec(path), path.parent, Silent()).data
    assert len(data.labels) == 17
    counts = {split: sum(report.per_label.values()) for split, report in data.reports.items()}
    assert counts == {"train": 204585, "validation": 25148, "test": 25096}
    assert [report.unread_words for report in data.reports.values()] == [0, 0, 0]
