"""Runs of question answering: one curve on every backend, whatever the batching; evaluated, predicted, resumed."""

import json
import shutil
from pathlib import Path
from typing import Any

import asked
import numpy as np
import pytest
from safetensors.numpy import load_file

from ftcore import library
from ftcore.conformance.measure import relative
from ftcore.contract import discovery as backends
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.spec.reading import load_spec
from ftcore.targets.span_search import Found, Search
from ftcore.targets.squad import judged

METRICS = {"loss", "exact_match", "f1"}
LEARNED = {"training__epochs": 60, "optimizer__learning_rate": 5e-3, "data__max_length": 24}


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
    task = asked.write_task(tmp_path, model__dropout=dropout, precision="float64")
    first, second = (library.run(task, backend=name, output=tmp_path / name) for name in backends.names())
    assert len(losses(first.folder)) > 30
    assert relative(losses(first.folder), losses(second.folder)) <= 1e-8
    assert first.metrics["test"] == pytest.approx(second.metrics["test"], rel=1e-6)
    assert losses(first.folder)[-1] < 0.85 * losses(first.folder)[0]
    assert set(first.metrics["test"]) == METRICS


@pytest.mark.slow
@pytest.mark.parametrize("name", backends.names())
def test_every_batching_gives_the_same_curve(name: str, tmp_path: Path) -> None:
    ways: dict[str, Any] = {"packed": {}, "sorted": {}, "padded": {"training__micro_batch_size": 3}}
    curves = []
    for batching, more in ways.items():
        task = asked.write_task(tmp_path, precision="float64", training__batching=batching, training__epochs=2, **more)
        curves.append(losses(library.run(task, backend=name, output=tmp_path / batching).folder))
    assert relative(curves[1], curves[0]) <= 1e-10
    assert relative(curves[2], curves[0]) <= 1e-10


class _Interrupt(Silent):
    """Stops a run at its seventh step."""

    def step(self, index: int, loss: float | None, learning_rate: float, examples_per_second: float) -> None:
        if index == 7:
            raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize("name", backends.names())
def test_a_run_goes_on_where_it_stopped(name: str, tmp_path: Path) -> None:
    task = asked.write_task(tmp_path, model__dropout=0.1, training__checkpoint_every=4, training__epochs=2)
    whole = library.run(task, backend=name, output=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        library.run(task, backend=name, output=tmp_path / "stopped", observer=_Interrupt())
    resumed = library.run(task, backend=name, output=tmp_path / "stopped", resume=True)
    assert relative(losses(resumed.folder), losses(whole.folder)) <= 1e-6
    assert resumed.metrics["test"] == pytest.approx(whole.metrics["test"], rel=1e-5)


def test_the_labels_of_a_batch_are_the_answers(tmp_path: Path) -> None:
    bound = bind(load_spec(asked.write_task(tmp_path)), tmp_path, Silent())
    train = bound.data.train
    rows = [json.loads(line) for line in (tmp_path / "train.jsonl").read_text().splitlines()]
    assert len(train) > len(rows) == len(train.parts)
    assert train.parts.sum() == len(train)
    vocabulary = dict(enumerate(asked.tiny.VOCABULARY))
    of_windows = [[""] * len(train) for _ in range(2)]
    for way, batch in enumerate((train.batch(np.arange(len(train))), train.packed(np.arange(len(train))))):
        ids = batch.inputs["input_ids"].ravel()
        for window, (first, last, *places) in enumerate(batch.targets["labels"].tolist()):
            of_windows[way][window] = " ".join(vocabulary[ids[place]] for place in places[first : last + 1])
    assert of_windows[0] == of_windows[1]
    ends = np.cumsum(train.parts)
    for row, texts in zip(rows, np.split(np.array(of_windows[0]), ends[:-1]), strict=True):
        assert set(texts) - {"[CLS]"} <= set(row["answers"]["text"])


def learned(folder: Path, **changes: Any) -> Any:
    """Return a run that has learned its questions."""
    return library.run(asked.write_task(folder, **{**LEARNED, **changes}), backend="torch", output=folder / "run")


@pytest.mark.slow
def test_what_is_learned_is_judged_predicted_and_read_by_transformers(tmp_path: Path) -> None:
    run = learned(tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "train.jsonl").read_text().splitlines()]
    written = library.predict(run.folder, tmp_path / "train.jsonl", output=tmp_path / "predictions.jsonl")
    found = [json.loads(line) for line in Path(str(written)).read_text().splitlines()]
    assert len(found) == len(rows)
    for row, one in zip(rows, found, strict=True):
        assert set(one) == {"answer", "start", "end", "score", "null_score"}
        assert 0.0 < one["score"] <= 1.0
        if one["start"] is None:
            assert (one["answer"], one["end"], one["score"]) == ("", None, one["null_score"])
        else:
            assert row["context"][one["start"] : one["end"]] == one["answer"]
    scores = judged([one["answer"] for one in found], [row["answers"]["text"] for row in rows])
    evaluated = library.evaluate(run.folder, tmp_path / "train.jsonl")
    assert {name: evaluated[name] for name in scores} == pytest.approx(scores)
    assert evaluated["exact_match"] > 0.6
    assert set(evaluated) == METRICS | {f"{name}/{kind}answerable" for name in scores for kind in ("", "un")}
    check_against_transformers(run.folder / "model", rows, found)


def check_against_transformers(model_folder: Path, rows: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    """Check the answers against a plain search in what transformers' own model says of its own tokenizer's windows."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    model = AutoModelForQuestionAnswering.from_pretrained(model_folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    for row, one in zip(rows, found, strict=True):
        windows = tokenizer(
            row["question"],
            row["context"],
            truncation="only_second",
            max_length=24,
            stride=6,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        best, null = (-np.inf, 0, 0), np.inf
        for number, ids in enumerate(windows["input_ids"]):
            types = [
                int(sequence == 1 or place == len(ids) - 1)
                for place, sequence in enumerate(windows.sequence_ids(number))
            ]
            with torch.no_grad():
                outputs = model(torch.tensor([ids]), token_type_ids=torch.tensor([types]))
            starts, ends = (scores[0].double().numpy() for scores in (outputs.start_logits, outputs.end_logits))
            null = min(null, starts[0] + ends[0])
            own = [place for place, sequence in enumerate(windows.sequence_ids(number)) if sequence == 1]
            offsets = windows["offset_mapping"][number]
            pairs = [(first, last) for first in own for last in own if first <= last]
            best = max(best, *((starts[a] + ends[b], offsets[a][0], offsets[b][1]) for a, b in pairs))
        assert abs(null - best[0]) < 1e-4 or (one["start"] is None) == (null > best[0])
        if one["start"] is not None:
            assert (one["start"], one["end"]) == best[1:]


def without_description(model_folder: Path, folder: Path) -> Path:
    """Return a copy of a result that only has what transformers writes."""
    shutil.copytree(model_folder, folder)
    (folder / "ftcore.json").unlink()
    return folder


@pytest.mark.parametrize("name", backends.names())
def test_a_folder_of_transformers_is_evaluated_and_predicted(name: str, tmp_path: Path) -> None:
    run = library.run(asked.write_task(tmp_path, training__epochs=1), backend="torch", output=tmp_path / "run")
    folder = without_description(run.folder / "model", tmp_path / "plain")
    device = {"backend": name}
    rows = library.predict(folder, tmp_path / "test.jsonl", **device)
    # Nothing says that "no answer" was learned, so only a file with such questions allows it.
    assert all(row["start"] is not None for row in rows)
    right = [json.loads(line)["answers"]["text"] for line in (tmp_path / "test.jsonl").read_text().splitlines()]
    nulls = [row["null_score"] > row["score"] for row in rows]
    assert any(nulls)
    answers = ["" if null else row["answer"] for null, row in zip(nulls, rows, strict=True)]
    found = library.evaluate(folder, tmp_path / "test.jsonl", **device)
    scores = judged(answers, right)
    assert {key: found[key] for key in scores} == pytest.approx(scores)


def test_a_threshold_decides_on_null_answers(tmp_path: Path) -> None:
    for threshold, answered in ((1e6, True), (-1e6, False)):
        run = learned(tmp_path / str(threshold), data__null_threshold=threshold, training__epochs=1)
        rows = library.predict(run.folder, tmp_path / str(threshold) / "test.jsonl")
        assert {row["start"] is not None for row in rows} == {answered}


def test_without_null_answers_in_train_every_question_has_an_answer(tmp_path: Path) -> None:
    task = asked.write_task(tmp_path, data__null_threshold=-1e6, training__epochs=1)
    rows = [json.loads(line) for line in (tmp_path / "train.jsonl").read_text().splitlines()]
    answered = [row for row in rows if row["answers"]["text"]]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in answered))
    run = library.run(task, backend="torch", output=tmp_path / "run")
    assert all(row["start"] is not None for row in library.predict(run.folder, tmp_path / "test.jsonl"))
    assert json.loads((run.folder / "model" / "ftcore.json").read_text())["null_answers"] is False


@pytest.mark.slow
@pytest.mark.parametrize("name", backends.names())
def test_a_trained_head_is_gone_on_with(name: str, tmp_path: Path) -> None:
    first = library.run(asked.write_task(tmp_path), backend="torch", output=tmp_path / "first")
    task = asked.write_task(tmp_path, model__pretrained=str(first.folder / "model"), training__epochs=1)
    model = bind(load_spec(task), tmp_path, Silent()).network.model
    assert model is not None
    stored = load_file(first.folder / "model" / "model.safetensors")
    assert model.new == ()
    assert all(np.array_equal(model.tensors[key], value) for key, value in stored.items())
    second = library.run(task, backend=name, output=tmp_path / "second")
    # The same batches as in the first epoch of the first run.
    steps = len(losses(second.folder))
    assert np.mean(losses(second.folder)) < 0.9 * np.mean(losses(first.folder)[:steps])


def test_validation_is_held_out_by_rows(tmp_path: Path) -> None:
    task = asked.write_task(tmp_path, data__validation=0.25, data__test=0.25)
    data = bind(load_spec(task), tmp_path, Silent()).data
    assert [len(split.parts) for split in data.splits.values()] == [30, 15, 15]
    assert data.overlap == {"train/validation": 0, "train/test": 0, "validation/test": 0}


class _Notes(Silent):
    """Keeps the notes about answers."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        if "the answer " in text:
            self.notes.append(text)


def test_answers_that_cannot_be_learned_or_predicted_are_told(tmp_path: Path) -> None:
    words = " ".join(asked.tiny.WORDS[:14])
    long = {"question": "red", "context": words, "answers": {"text": [words], "answer_start": [0]}}
    two = {"question": "red", "context": words, "answers": {"text": [" ".join(words.split()[:2])], "answer_start": [0]}}
    task = asked.write_task(tmp_path, data__max_length=12, data__stride=4, data__max_answer_length=1)
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in (long, two, two)))
    observer = _Notes()
    data = bind(load_spec(task), tmp_path, observer).data
    assert data.train.answer_tokens.tolist() == [0, 2, 2]
    assert observer.notes == [
        "train: 1 of 3 rows: the answer is whole in no window, so it is learned as no answer: raise data.stride or "
        "data.max_length",
        "train: 2 of 3 rows: the answer has more than 1 tokens, so it cannot be predicted: raise "
        "data.max_answer_length",
    ]
    report = data.reports["train"]
    assert (report.rows, report.duplicates) == (3, 2)
    assert len(data.train) > 3


def test_csv_and_kept_columns(tmp_path: Path) -> None:
    import csv

    run = library.run(asked.write_task(tmp_path, training__epochs=1), backend="torch", output=tmp_path / "run")
    rows = [json.loads(line) for line in (tmp_path / "test.jsonl").read_text().splitlines()]
    with (tmp_path / "test.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ["question", "context", "answers"])
        writer.writeheader()
        writer.writerows({**row, "answers": json.dumps(row["answers"])} for row in rows)
    assert library.evaluate(run.folder, tmp_path / "test.csv") == library.evaluate(run.folder, tmp_path / "test.jsonl")
    library.predict(run.folder, tmp_path / "test.csv", output=tmp_path / "out.csv", keep=["question"])
    with (tmp_path / "out.csv").open(newline="") as stream:
        written = list(csv.DictReader(stream))
    assert list(written[0]) == ["question", "answer", "start", "end", "score", "null_score"]
    assert [row["question"] for row in written] == [row["question"] for row in rows]


def test_the_best_spans_are_those_of_a_plain_search() -> None:
    draws = np.random.default_rng(3)
    logits, offsets = draws.standard_normal((12, 2)), np.full((12, 2), -1)
    offsets[4:11] = [[5 * place, 5 * place + 4] for place in range(7)]
    found = Found()
    found.add(Search(best=20, longest=3), logits, offsets)
    plain = {
        (offsets[first, 0], offsets[last, 1]): logits[first, 0] + logits[last, 1]
        for first in range(4, 11)
        for last in range(first, min(first + 3, 11))
    }
    assert found.spans == pytest.approx(dict(sorted(plain.items(), key=lambda item: -item[1])[:20]))
    assert found.null == pytest.approx(logits[0].sum())
    null, spans = found.probabilities()
    assert null + sum(spans.values()) == pytest.approx(1.0)
    best = max(plain.values())
    assert found.answer(None) == max(plain, key=plain.__getitem__)
    assert found.answer(found.null - best + 1e-6) is not None
    assert found.answer(found.null - best - 1e-6) is None
