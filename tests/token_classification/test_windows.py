"""Long sentences in windows: every word is learned and predicted once, from the window that has the most around it."""

import itertools
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentences
from test_word_data import prepared, write

from ftcore import library
from ftcore.contract import discovery as backends
from ftcore.contract.seeds import generator
from ftcore.errors import DataError, ModelError, SpecError
from ftcore.runs.description import check_description
from ftcore.spec.reading import load_spec
from ftcore.tasks import TASKS
from ftcore.text.windows import Window, windows
from tests import tiny

LONG = [sentences.sentence(number) for number in range(30)]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def document(*numbers: int) -> dict[str, list[str]]:
    """Return several sentences as one."""
    parts = [sentences.sentence(number) for number in numbers]
    return {name: [value for part in parts for value in part[name]] for name in ("tokens", "tags")}


def test_windows_of_words_of_one_token() -> None:
    assert windows(list(range(10)), 10, room=6, overlap=4) == [
        Window(0, 6, 0, 4),
        Window(2, 8, 4, 6),
        Window(4, 10, 6, 10),
    ]


def test_a_sentence_that_fits_is_one_window() -> None:
    assert windows([0, 0, 2], 4, room=3, overlap=2) == [Window(0, 3, 0, 4)]
    assert windows([], 2, room=3, overlap=2) == [Window(0, 0, 0, 2)]


@pytest.mark.parametrize("seed", range(30))
def test_every_word_belongs_to_the_window_with_the_most_around_it(seed: int) -> None:
    draws = generator(seed, "windows")
    count, room = int(draws.integers(2, 60)), int(draws.integers(3, 20))
    overlap = int(draws.integers(0, room))
    words = np.repeat(np.arange(count), draws.choice([0, 1, 1, 1, 2, 3, room + 2], count)).tolist()
    found = windows(words, count, room, overlap)
    assert [window.first_word for window in found] == [0, *(window.behind for window in found[:-1])]
    assert found[-1].behind == count
    for one, other in itertools.pairwise(found):
        assert one.end - other.begin <= overlap
    for window in found:
        assert window.end - window.begin <= room or len(set(words[window.begin : window.end])) == 1
        for word in range(window.first_word, window.behind):
            around = [_around(words, word, one) for one in found]
            assert word not in words or _around(words, word, window) == max(around)


def _around(words: list[int], word: int, window: Window) -> float:
    """Return the tokens on the shorter side of a word in a window; nothing is missing beyond a sentence's ends."""
    places = [place for place, one in enumerate(words) if one == word]
    if not places or not window.begin <= places[0] < window.end:
        return -1
    before = math.inf if window.begin == 0 else places[0] - window.begin
    after = math.inf if window.end == len(words) else window.end - 1 - places[-1]
    return min(before, after)


@pytest.mark.parametrize("label_subwords", ["first", "all"])
def test_every_label_counts_once(label_subwords: str, tmp_path: Path) -> None:
    rows = [document(1, 2, 3, 4), document(5), document(6, 7, 8, 9, 10)]
    write(tmp_path / "train.jsonl", rows)
    cut, split, whole = (
        prepared(tmp_path, **fields, label_subwords=label_subwords).train
        for fields in ({"max_length": 12}, {"max_length": 12, "overlap": 4}, {"max_length": 200})
    )
    assert cut.unread_words > 0
    assert (split.unread_words, split.truncated) == (0, 0)
    assert len(split) > len(rows)
    assert split.words.whole().counts.tolist() == [len(row["tokens"]) for row in rows]
    np.testing.assert_array_equal(split.words.values, whole.words.values)
    weights = [part.batch(np.arange(len(part))).weights.sum() for part in (split, whole)]
    assert weights[0] == weights[1]
    batch = split.batch(np.arange(len(split)))
    assert batch.inputs["input_ids"].shape[1] <= 12
    # Labels are those of the words, in order.
    of_first = prepared(tmp_path, max_length=12, overlap=4).train.batch(np.arange(len(split)))
    labels = of_first.targets["labels"][of_first.weights > 0]
    np.testing.assert_array_equal(labels, split.words.values)


def test_a_sentence_s_windows_are_held_out_together(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", [document(*range(number, number + 4)) for number in range(20)])
    data = prepared(tmp_path, max_length=12, overlap=2, validation=0.25)
    parts = [part.words.whole().counts for part in (data.train, data.validation)]
    assert [len(counts) for counts in parts] == [15, 5]
    lengths = sorted(len(document(*range(number, number + 4))["tokens"]) for number in range(20))
    assert sorted(np.concatenate(parts).tolist()) == lengths
    assert data.overlap == {"train/validation": 0}


def write_narrow(folder: Path, **description: Any) -> Path:
    """Write a tagger whose words see the four tokens before them, and ftcore.json beside it."""
    import torch
    from transformers import MistralConfig, MistralForTokenClassification

    tags = ["O", "B-ANIMAL", "I-ANIMAL"]
    fields = {
        "vocab_size": len(tiny.VOCABULARY),
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "sliding_window": 3,
        "max_position_embeddings": 512,
    }
    labels = {"id2label": dict(enumerate(tags)), "label2id": {tag: number for number, tag in enumerate(tags)}}
    torch.manual_seed(0)
    model = MistralForTokenClassification(MistralConfig(**fields, **labels))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    model.save_pretrained(folder)
    sentences.write_tokenizer(folder)
    described = {"task": "token-classification", "labels": tags, "outputs": 3, "pair": "joint", **description}
    (folder / "ftcore.json").write_text(json.dumps(described))
    return folder


def write_documents() -> list[dict[str, list[str]]]:
    """Write a.jsonl: two long documents and a short one, with the tags of the model."""
    rows = [document(*range(12)), document(13), document(*range(20, 29))]
    for row in rows:
        row["tags"] = [tag if "PLANT" not in tag else "O" for tag in row["tags"]]
    write(Path("a.jsonl"), rows)
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("name", backends.names())
def test_windows_change_nothing_that_a_network_cannot_see(name: str, tmp_path: Path) -> None:
    """Two blocks of windows of three tokens see four tokens back; half an overlap of 12 has more."""
    rows = write_documents()
    whole = write_narrow(tmp_path / "whole", max_length=400)
    split = write_narrow(tmp_path / "split", max_length=26, overlap=12)
    wanted = library.predict(whole, "a.jsonl", backend="torch")
    found = library.predict(split, "a.jsonl", backend=name)
    assert isinstance(wanted, list)
    assert isinstance(found, list)
    for one, other, row in zip(found, wanted, rows, strict=True):
        assert one["tokens"] == row["tokens"]
        assert one["tags"] == other["tags"]
        np.testing.assert_allclose(one["scores"], other["scores"], atol=1e-5)
    assert len({tag for row in wanted for tag in row["tags"]}) == 3


def test_metrics_are_of_whole_sentences(tmp_path: Path) -> None:
    write_documents()
    ways = ({"max_length": 400}, {"max_length": 26, "overlap": 12}, {"max_length": 26})
    models = [write_narrow(tmp_path / str(number), **way) for number, way in enumerate(ways)]
    metrics = [library.evaluate(model, "a.jsonl", backend="torch") for model in models]
    assert metrics[1] == pytest.approx(metrics[0], rel=1e-5)
    assert abs(metrics[2]["accuracy"] - metrics[0]["accuracy"]) > 0.05


def test_a_run_reads_every_word_of_long_documents(tmp_path: Path) -> None:
    task = sentences.write_task(tmp_path, data__max_length=12, data__overlap=4, training__epochs=2)
    write(tmp_path / "train.jsonl", [document(*range(number, number + 4)) for number in range(12)])
    write(tmp_path / "new.jsonl", [{"tokens": document(*range(20))["tokens"]}, {"tokens": ["red"]}])
    run = library.run(task, backend="torch", output=tmp_path / "run")
    assert json.loads((run.folder / "model" / "ftcore.json").read_text())["overlap"] == 4
    found = library.predict(run.folder, tmp_path / "new.jsonl", backend="torch")
    assert isinstance(found, list)
    assert [len(row["tags"]) for row in found] == [len(document(*range(20))["tokens"]), 1]
    assert all(tag is not None for row in found for tag in row["tags"])
    evaluated = library.evaluate(run.folder, tmp_path / "test.jsonl", backend="torch")
    assert evaluated == pytest.approx(run.metrics["test"], rel=1e-5)


def test_an_overlap_that_leaves_no_room(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", [document(1, 2)])
    with pytest.raises(DataError, match=r"data\.overlap: given 10, but a window has 10 tokens of text: lower it"):
        prepared(tmp_path, max_length=12, overlap=10)


@pytest.mark.parametrize("task", ["text-classification", "semantic-role-labeling", "causal-language-modeling"])
def test_an_overlap_is_for_tags(task: str, tmp_path: Path) -> None:
    path = tmp_path / "task.yaml"
    path.write_text(f"task: {task}\nmodel: {{pretrained: m}}\ndata: {{train: a.jsonl, overlap: 4}}\n")
    message = f"data.overlap: unknown field in the task {task}, it is one of token-classification; allowed: train, "
    with pytest.raises(SpecError, match=re.escape(message)):
        load_spec(path)


def test_predicates_and_windows_are_not_read_together(tmp_path: Path) -> None:
    """A window without the predicate says nothing of it: neither a spec nor a finished model has both."""
    tasks = {name for name, task in TASKS.items() if "overlap" in task.data_class.model_fields}
    assert tasks == {"token-classification"}
    assert all("predicate_index" not in form for form in TASKS["token-classification"].input.forms)
    said = {"max_length": 12, "mark_predicate": "segment", "labels": ["B-V", "O"], "outputs": 2, "overlap": 4}
    with pytest.raises(ModelError, match=r"ftcore\.json: overlap is 4, but semantic-role-labeling has no windows"):
        check_description(tmp_path / "ftcore.json", TASKS["semantic-role-labeling"], said)
