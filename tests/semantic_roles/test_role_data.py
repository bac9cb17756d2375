"""Sentences with a predicate: marked where it stands, bad rows named, and nothing learned where it is cut off."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import roles

from ftcore.data.prepare import PreparedData
from ftcore.errors import DataError
from ftcore.tasks import TASKS
from ftcore.text.predicate_mark import MARKERS, PredicateMark
from ftcore.text.tokenizer import EncodedChunk, Tokenizer
from tests.preparing import DataSpec, prepare, prepare_inputs
from tests.token_classification import sentences

TASK = TASKS["semantic-role-labeling"]
WORDS = [["the", "dogs", "eating", "trees"], ["\x07", "run"], ["run", "run", "run"]]
PREDICATES = [2, 1, 1]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))


def tokenizer(folder: Path, mark: PredicateMark, max_length: int = 16) -> Tokenizer:
    return Tokenizer.load(sentences.write_tokenizer(folder / "model"), max_length, mark)


def by_sentence(chunk: EncodedChunk, array: np.ndarray | None) -> list[list[int]]:
    assert array is not None
    return [part.tolist() for part in np.split(array, np.cumsum(chunk.lengths)[:-1])]


def prepared(folder: Path, rows: list[Any], max_length: int = 16, said: Any = None, **fields: Any) -> PreparedData:
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    spec = DataSpec(train="train.jsonl", max_length=max_length, **fields)
    of_file = tokenizer(folder, spec.mark_predicate, max_length)
    return prepare(spec, TASK, of_file, folder, 0, said or (lambda text: None))


def test_a_segment_is_at_the_tokens_of_the_predicate(tmp_path: Path) -> None:
    ours = tokenizer(tmp_path, "segment")
    chunk, plain = ours.encode_words(WORDS, PREDICATES), ours.encode_words(WORDS)
    np.testing.assert_array_equal(chunk.ids, plain.ids)
    # [CLS] the dog ##s eat ##ing tree ##s [SEP]; [CLS] run [SEP], without a token for the first word
    assert by_sentence(chunk, chunk.type_ids) == [[0, 0, 0, 0, 1, 1, 0, 0, 0], [0, 1, 0], [0, 0, 1, 0, 0]]
    np.testing.assert_array_equal(chunk.words, plain.words)


def test_markers_are_around_the_predicate_and_of_no_word(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    ours = tokenizer(tmp_path, "markers")
    chunk = ours.encode_words(WORDS, PREDICATES)
    begin, end = (ours.added[marker] for marker in MARKERS)
    (tmp_path / "model" / "tokenizer.json").write_text(ours.stored)
    theirs = AutoTokenizer.from_pretrained(tmp_path / "model")
    given = [
        [*words[:place], MARKERS[0], words[place], MARKERS[1], *words[place + 1 :]]
        for words, place in zip(WORDS, PREDICATES, strict=True)
    ]
    assert by_sentence(chunk, chunk.ids) == theirs(given, is_split_into_words=True)["input_ids"]
    first = by_sentence(chunk, chunk.ids)[0]
    assert (first.index(begin), first.index(end)) == (4, 7)
    assert by_sentence(chunk, chunk.words) == [
        [-1, 0, 1, 1, -1, 2, 2, -1, 3, 3, -1],
        [-1, -1, 1, -1, -1],
        [-1, 0, -1, 1, -1, 2, -1],
    ]
    assert not chunk.type_ids.any()


def test_a_tokenizer_of_bytes_is_marked_too(tmp_path: Path) -> None:
    ours = Tokenizer.load(sentences.write_byte_tokenizer(tmp_path), 16, "markers")
    chunk, plain = ours.encode_words([["the", "dogs"]], [1]), ours.encode_words([["the", "dogs"]])
    markers = list(ours.added.values())
    assert [one for one in chunk.ids.tolist() if one not in markers] == plain.ids.tolist()
    assert chunk.ids.tolist().index(markers[0]) + 1 == by_sentence(chunk, chunk.words)[0].index(1)


@pytest.mark.parametrize("mark", ["segment", "markers"])
def test_nothing_is_learned_where_the_predicate_is_not_read(mark: str, tmp_path: Path) -> None:
    tags = ["B-ARG0", "O", "B-V", "O", "O"]
    cut = {"tokens": ["the"] * 5, "predicate_index": 4, "tags": tags}
    dropped = {"tokens": ["the", "\x07"], "predicate_index": 1, "tags": ["O", "B-V"]}
    read = {"tokens": ["the", "big", "run"], "predicate_index": 0, "tags": tags[:3]}
    said: list[str] = []
    data = prepared(tmp_path, [cut, dropped, read], 6, said.append, mark_predicate=mark)
    weights = data.train.batch(np.arange(3)).weights
    assert weights.sum(axis=1).tolist() == [0, 0, 3 if mark == "segment" else 2]
    # Of 10 words, those of the first two rows are all unread; with markers a last word is cut off too.
    assert data.reports["train"].unread_words == (7 if mark == "segment" else 8)
    assert "words without a token, which are not predicted" in said[0]
    words = data.train.of_words(np.array([0]), np.ones((1, 8, len(data.labels))))
    assert np.isnan(words.values).all()
    assert TASK.target.predictions(words, data.labels) == [{"arguments": [], "tags": ["O"] * 5}]


def test_one_sentence_with_two_predicates_is_no_duplicate(tmp_path: Path) -> None:
    row = roles.row(1)
    assert prepared(tmp_path, [row, {**row, "predicate_index": 5}, row]).reports["train"].duplicates == 1


BAD: dict[str, tuple[Any, str]] = {
    "beyond": (9, "row 2: the predicate_index is 9, but the 9 tokens have the places 0 to 8"),
    "negative": (-1, "the predicate_index is -1"),
    "text": ("2", "the predicate_index is not a whole number but '2'"),
    "fraction": (2.5, "the predicate_index is not a whole number but 2.5"),
    "boolean": (True, "the predicate_index is not a whole number but True"),
    "missing": (None, "the predicate_index is missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_predicates_are_named(name: str, tmp_path: Path) -> None:
    value, message = BAD[name]
    with pytest.raises(DataError, match=message):
        prepared(tmp_path, [roles.row(1), {**roles.row(2), "predicate_index": value}])
    left = prepared(tmp_path, [roles.row(1), {**roles.row(2), "predicate_index": value}], on_bad_row="skip")
    assert (len(left.train), left.reports["train"].rejected_rows) == (1, 1)


def test_bad_tags_are_named(tmp_path: Path) -> None:
    row = roles.row(1)
    with pytest.raises(DataError, match="row 1: tag 9: 'NOUN' is not O, B-ROLE or I-ROLE"):
        prepared(tmp_path, [{**row, "tags": [*row["tags"][:-1], "NOUN"]}])
    with pytest.raises(DataError, match="there are 8 tags for 9 tokens"):
        prepared(tmp_path, [{**row, "tags": row["tags"][:-1]}])


def test_columns_have_other_names(tmp_path: Path) -> None:
    row = roles.row(1)
    renamed = {"words": row["tokens"], "pred_index": row["predicate_index"], "tags": row["tags"]}
    columns = {"tokens": "words", "predicate_index": "pred_index"}
    data = prepared(tmp_path, [renamed], columns=columns, mark_predicate="segment")
    assert data.form == ("tokens", "predicate_index")
    (tmp_path / "new.jsonl").write_text(json.dumps({**renamed, "tags": None}) + "\n")
    mine = tokenizer(tmp_path, "segment")
    found = prepare_inputs("new.jsonl", columns, "joint", mine, tmp_path, TASK.input.forms)
    inputs, wanted = found.batch(np.arange(1)).inputs, data.train.batch(np.arange(1)).inputs
    assert inputs["token_type_ids"].sum() == 1
    np.testing.assert_array_equal(inputs["token_type_ids"], wanted["token_type_ids"])
    with pytest.raises(DataError, match=r"there is no column 'predicate_index'.*set data.columns.predicate_index"):
        prepared(tmp_path, [renamed], columns={"tokens": "words"})
