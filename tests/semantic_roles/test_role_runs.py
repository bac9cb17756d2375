"""Runs of semantic role labeling: the same on every backend, learned by the mark alone, evaluated and predicted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import roles
import torch
import transformers
from typer.testing import CliRunner

from ftcore import library
from ftcore.cli.main import app
from ftcore.conformance.measure import relative
from ftcore.contract import discovery as backends
from ftcore.errors import ModelError, SpecError
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.spec.reading import load_spec
from tests import tiny

MARKS = pytest.mark.parametrize("mark", ["segment", "markers"])


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def losses(run: Path) -> list[float]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row["loss"] for row in rows if "learning_rate" in row]


@pytest.mark.slow
@MARKS
def test_a_run_is_the_same_on_every_backend(mark: str, tmp_path: Path) -> None:
    changes: dict[str, Any] = {"model__dropout": 0.1, "precision": "float64", "training__epochs": 2}
    task = roles.write_task(tmp_path, data__mark_predicate=mark, **changes)
    first, second = (library.run(task, backend=name, output=tmp_path / name) for name in backends.names())
    assert len(losses(first.folder)) == 12
    assert relative(losses(first.folder), losses(second.folder)) <= 1e-7
    assert first.metrics["test"] == pytest.approx(second.metrics["test"], rel=1e-6)
    evaluated = [library.evaluate(tmp_path / name, "test.jsonl") for name in backends.names()]
    assert evaluated[0] == pytest.approx(evaluated[1], rel=1e-6)


def test_a_new_classifier_starts_at_the_shares_of_the_tags(tmp_path: Path) -> None:
    labels = ["O", "B-ARG0", "I-ARG0", "B-V", "B-ARG1", "I-ARG1", "B-NEVER"]
    bound = bind(load_spec(roles.write_task(tmp_path, data__labels=labels)), tmp_path, Silent())
    # 48 sentences of 9 words: two arguments of two words, and the predicate.
    counts = np.array([4 * 48, 48, 48, 48, 48, 48, 0]) + 1
    np.testing.assert_allclose(bound.network.model.tensors["classifier.bias"], np.log(counts / counts.sum()), rtol=1e-6)


class Notes(Silent):
    """Keeps the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.mark.parametrize(
    ("mark", "trainable", "told"),
    [
        ("markers", "head", True),
        ("markers", ["classifier.*"], True),
        ("markers", ["classifier.*", "*word_embeddings.weight"], False),
        ("markers", "all", False),
        ("segment", "head", False),
    ],
)
def test_marker_rows_that_no_step_changes_are_told(mark: str, trainable: Any, told: bool, tmp_path: Path) -> None:
    task = roles.write_task(tmp_path, data__mark_predicate=mark, model__trainable=trainable)
    observer = Notes()
    bind(load_spec(task), tmp_path, observer)
    wanted = (
        "model.trainable leaves bert.embeddings.word_embeddings.weight out: the rows of [PREDICATE], [/PREDICATE] keep "
        "their random values; add it to model.trainable, or give data.mark_predicate: segment"
    )
    assert [note for note in observer.notes if "model.trainable" in note] == [wanted] * told


@pytest.mark.slow
@MARKS
def test_roles_are_learned_by_the_mark(mark: str, tmp_path: Path) -> None:
    task = roles.write_task(tmp_path, data__mark_predicate=mark, training__epochs=8)
    run = library.run(task, backend="torch", output=tmp_path / "run")
    assert run.metrics["test"]["span_f1"] > 0.9
    for split in ("train", "validation", "test"):
        # The same sentences and tags, and a mark that says nothing.
        path = tmp_path / f"{split}.jsonl"
        rows = [{**json.loads(line), "predicate_index": 0} for line in path.read_text().splitlines()]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    blind = library.run(task, backend="torch", output=tmp_path / "blind")
    assert blind.metrics["test"]["span_f1"] < 0.6


@MARKS
def test_a_result_is_evaluated_predicted_and_read_by_transformers(mark: str, tmp_path: Path) -> None:
    run = library.run(roles.write_task(tmp_path, data__mark_predicate=mark), backend="torch", output=tmp_path / "run")
    folder = run.folder / "model"
    assert json.loads((folder / "ftcore.json").read_text())["mark_predicate"] == mark
    evaluated = library.evaluate(run.folder, "test.jsonl")
    assert {name: evaluated[name] for name in run.metrics["test"]} == pytest.approx(run.metrics["test"], rel=1e-5)
    assert evaluated["spans/ARG0"] == 12
    rows = [roles.row(number) for number in range(300, 308)]
    (tmp_path / "new.jsonl").write_text("".join(json.dumps({**row, "tags": None}) + "\n" for row in rows))
    predicted = library.predict(run.folder, "new.jsonl")
    assert isinstance(predicted, list)
    model = transformers.AutoModelForTokenClassification.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    assert (
        model.get_input_embeddings().weight.shape[0] == len(tokenizer) == len(tiny.VOCABULARY) + 2 * (mark == "markers")
    )
    for row, found in zip(rows, predicted, strict=True):
        place, words = row["predicate_index"], row["tokens"]
        assert (found["predicate"], found["predicate_index"], found["tokens"]) == (words[place], place, words)
        for one in found["arguments"]:
            assert one["text"] == " ".join(words[one["start"] : one["end"]])
            assert found["tags"][one["start"]] == f"B-{one['role']}"
        best = most_probable(model, tokenizer, words, place, mark)
        if all(before[2:] == tag[2:] for before, tag in zip(["O", *best], best, strict=False) if tag[0] == "I"):
            assert found["tags"] == best


def most_probable(model: Any, tokenizer: Any, words: list[str], place: int, mark: str) -> list[str]:
    """Return what transformers says of each word alone."""
    own = list(range(len(words)))
    if mark == "markers":
        words = [*words[:place], "[PREDICATE]", words[place], "[/PREDICATE]", *words[place + 1 :]]
        own = [number + (number >= place) + (number > place) for number in own]
    encoded = tokenizer(words, is_split_into_words=True, return_tensors="pt")
    given = encoded.word_ids(0)
    types = torch.tensor([[int(mark == "segment" and word == place) for word in given]])
    with torch.no_grad():
        codes = model(encoded["input_ids"], token_type_ids=types).logits[0].argmax(-1)
    return [model.config.id2label[int(codes[given.index(word)])] for word in own]


def test_the_command_line_prints_a_line_for_each_role(tmp_path: Path) -> None:
    run = library.run(roles.write_task(tmp_path, training__epochs=1), backend="torch", output=tmp_path / "run")
    done = CliRunner().invoke(app, ["evaluate", str(run.folder), "--data", "test.jsonl"])
    assert done.exit_code == 0
    lines = [line.split() for line in done.output.splitlines() if line.strip()]
    assert [line[0] for line in lines[:4]] == ["loss", "span_f1", "span_precision", "span_recall"]
    assert ["f1", "precision", "recall", "spans"] in lines
    assert [line[-1] for line in lines if line[0] in ("ARG0", "ARG1")] == ["12", "12"]


def test_a_result_goes_on_with_its_markers(tmp_path: Path) -> None:
    task = roles.write_task(tmp_path, data__mark_predicate="markers")
    run = library.run(task, backend="torch", output=tmp_path / "run")
    again = load_spec(task, [f"model.pretrained={run.folder}", "training.max_steps=1", "training.epochs=null"])
    assert bind(again, tmp_path, Silent()).network.model.tokenizer_json is None
    went_on = library.run(again, backend="torch", output=tmp_path / "again")
    assert losses(went_on.folder)[0] < losses(run.folder)[0] / 2


def test_markers_of_a_network_from_scratch(tmp_path: Path) -> None:
    task = roles.write_task(tmp_path, data__mark_predicate="markers", training__epochs=1)
    overrides = ["model.pretrained=null", "model.from_scratch={architecture: model}"]
    run = library.run(task, backend="torch", output=tmp_path / "run", overrides=overrides)
    assert json.loads((run.folder / "model" / "config.json").read_text())["vocab_size"] == len(tiny.VOCABULARY) + 2


def test_a_family_without_token_types_needs_markers(tmp_path: Path) -> None:
    task = roles.write_task(tmp_path, data__mark_predicate="segment")
    config = transformers.DistilBertConfig(
        vocab_size=len(tiny.VOCABULARY), dim=16, hidden_dim=32, n_layers=1, n_heads=2, max_position_embeddings=32
    )
    transformers.DistilBertModel(config).save_pretrained(tmp_path / "model")
    message = "data.mark_predicate: segment needs 2 token types, but this distilbert has fewer: give markers"
    with pytest.raises(ModelError, match=message):
        bind(load_spec(task), tmp_path, Silent())
    assert bind(load_spec(task, ["data.mark_predicate=markers"]), tmp_path, Silent()).network.model.tokenizer_json


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another task": (
        {"task": "token-classification", "data__mark_predicate": "segment"},
        "data.mark_predicate: unknown field in the task token-classification, it is one of semantic-role-labeling; ",
    ),
    "a module": (
        {"model": {"module": "hearing:build", "tokenizer": "model"}},
        "data.mark_predicate: given markers, but a module has no rows for their tokens",
    ),
    "another column": (
        {"data__columns": {"label": "x"}},
        "the task semantic-role-labeling has no column label: its columns are tokens, predicate_index, tags",
    ),
    "another kind": (
        {"data__mark_predicate": "bold"},
        "data.mark_predicate: given 'bold'; allowed: markers or segment",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused(name: str, tmp_path: Path) -> None:
    changes, message = WRONG[name]
    with pytest.raises(SpecError, match=message):
        load_spec(roles.write_task(tmp_path, **changes))


MODULE = """
import torch
class Tagger(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.types, self.last = torch.nn.Embedding(23, 8), torch.nn.Embedding(2, 8), torch.nn.Linear(8, 6)
    def forward(self, input_ids, {types}):
        return self.last(self.words(input_ids) + self.types({types}))
def build():
    return Tagger()
"""


def test_a_module_of_the_users_own_sees_the_segment(tmp_path: Path) -> None:
    task = roles.write_task(
        tmp_path, model={"module": "hearing:build", "tokenizer": "model"}, data__mark_predicate="segment"
    )
    (tmp_path / "hearing.py").write_text(MODULE.replace("{types}", "token_type_ids"))
    run = library.run(task, backend="torch", output=tmp_path / "run", allow_code=True)
    assert losses(run.folder)[-1] < losses(run.folder)[0]
    (tmp_path / "deaf.py").write_text(MODULE.replace("{types}", "attention_mask"))
    task = roles.write_task(
        tmp_path, model={"module": "deaf:build", "tokenizer": "model"}, data__mark_predicate="segment"
    )
    with pytest.raises(ModelError, match="deaf:build takes no token_type_ids"):
        library.run(task, backend="torch", output=tmp_path / "deaf", allow_code=True)
