"""Sentences given as words: tokens as transformers makes them, labels where they belong, bad rows named."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentences

from ftcore.data.sources import open_source
from ftcore.errors import DataError
from ftcore.inputs.tokens.store import TokenDataset
from ftcore.tasks import TASKS
from ftcore.text.tokenizer import Tokenizer
from tests.preparing import DataSpec, prepare, prepare_inputs

TASK = TASKS["token-classification"]
WORDS = [["the", "dogs", "birdser"], ["cat"], ["\x07", "red-dog", "treey"], ["the", "the", "eating"]]
ROWS = [{"tokens": words, "tags": ["O", *["B-X", "I-X"][: len(words) - 1]]} for words in WORDS]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def prepared(folder: Path, max_length: int = 16, **fields: Any) -> Any:
    spec = DataSpec(train="train.jsonl", max_length=max_length, **fields)
    return prepare(spec, TASK, sentences.tokenizer(folder / "model", max_length), folder, 0, lambda text: None)


def pieces(dataset: TokenDataset, packed: bool) -> dict[int, tuple[list[int], list[int], list[float]]]:
    """Return the ids, labels and weights of each example's tokens, and check that padding has no weight."""
    ids = np.arange(len(dataset))
    batch = dataset.packed(ids) if packed else dataset.batch(ids)
    assert batch.targets["labels"].shape == batch.weights.shape == batch.inputs["input_ids"].shape
    assert (batch.targets["labels"].dtype, batch.weights.dtype) == (np.int32, np.float32)
    segments = batch.inputs["segment_ids"] if packed else np.where(batch.inputs["attention_mask"], ids[:, None], -1)
    assert not batch.weights[(segments < 0) | (segments == len(dataset))].any()
    found = (batch.inputs["input_ids"], batch.targets["labels"], batch.weights)
    return {int(one): tuple(array[segments == one].tolist() for array in found) for one in ids}  # type: ignore[misc]


@pytest.mark.parametrize("max_length", [16, 5])
def test_tokens_are_those_of_transformers(max_length: int, tmp_path: Path) -> None:
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    byte_level = PreTrainedTokenizerFast(
        tokenizer_file=str(sentences.write_byte_tokenizer(tmp_path / "bytes") / "tokenizer.json"), add_prefix_space=True
    )
    # transformers' classes for tokenizers of bytes do this to theirs.
    byte_level.backend_tokenizer.pre_tokenizer.add_prefix_space = True
    pieces = sentences.write_tokenizer(tmp_path / "pieces")
    for ours, theirs in (
        (Tokenizer.load(pieces, max_length), AutoTokenizer.from_pretrained(pieces)),
        (Tokenizer.load(tmp_path / "bytes", max_length), byte_level),
    ):
        chunk = ours.encode_words(WORDS)
        expected = theirs(WORDS, is_split_into_words=True, truncation=True, max_length=max_length)
        ends = np.cumsum(chunk.lengths)[:-1]
        assert [part.tolist() for part in np.split(chunk.ids, ends)] == expected["input_ids"]
        wanted = [[-1 if word is None else word for word in expected.word_ids(row)] for row in range(len(WORDS))]
        assert [part.tolist() for part in np.split(chunk.words, ends)] == wanted
        assert chunk.word_counts.tolist() == [3, 1, 3, 3]
        assert chunk.truncated.any() == (max_length == 5)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("label_subwords", ["first", "all"])
def test_labels_lie_on_their_words(label_subwords: str, packed: bool, tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", ROWS)
    data = prepared(tmp_path, label_subwords=label_subwords)
    assert data.labels == ["B-X", "I-X", "O"]
    found, tokens = pieces(data.train, packed), sentences.VOCABULARY
    every = 1.0 if label_subwords == "all" else 0.0
    # [CLS] the | dog ##s | bird ##s ##er [SEP]
    ids, labels, weights = found[0]
    assert [tokens[one] for one in ids] == ["[CLS]", "the", "dog", "##s", "bird", "##s", "##er", "[SEP]"]
    assert weights == [0, 1, 1, every, 1, every, every, 0]
    assert [label for label, weight in zip(labels, weights, strict=True) if weight] == (
        [2, 0, 1] if not every else [2, 0, 0, 1, 1, 1]
    )
    # The first word has no token: [CLS] | red - dog | tree ##y [SEP]
    ids, labels, weights = found[2]
    assert [tokens[one] for one in ids] == ["[CLS]", "red", "-", "dog", "tree", "##y", "[SEP]"]
    assert weights == [0, 1, every, every, 1, every, 0]
    assert [labels[1], labels[4]] == [0, 1]
    # Two equal words beside each other are two words.
    assert found[3][2][:3] == [0, 1, 1]


def test_a_tokenizer_without_special_tokens(tmp_path: Path) -> None:
    """The first word of a sentence is not that of the sentence before it."""
    folder = sentences.write_byte_tokenizer(tmp_path / "model")
    stored = json.loads((folder / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps({**stored, "post_processor": None}))
    write(tmp_path / "train.jsonl", [{"tokens": ["the"], "tags": [tag]} for tag in ("a", "b", "a")])
    spec = DataSpec(train="train.jsonl", max_length=16)
    data = prepare(spec, TASK, Tokenizer.load(folder, 16), tmp_path, 0, lambda text: None)
    for packed in (False, True):
        found = pieces(data.train, packed)
        assert [found[one][1][0] for one in range(3)] == [0, 1, 0]
        assert [found[one][2][0] for one in range(3)] == [1, 1, 1]


def test_words_beyond_max_length_are_counted(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", ROWS)
    said: list[str] = []
    spec = DataSpec(train="train.jsonl", max_length=5)
    data = prepare(spec, TASK, sentences.tokenizer(tmp_path / "model", 5), tmp_path, 0, said.append)
    # 3 tokens beside the special ones: "birdser" is cut off, the control character and "treey" have no token.
    report = data.reports["train"]
    assert (report.truncated, report.unread_words) == (3, 3)
    assert report.per_label == {"B-X": 3, "I-X": 3, "O": 4}
    assert said[-1] == (
        "train: 4 rows, 18 tokens, 3 cut to max_length, 3 words without a token, which are not predicted"
    )
    subset = data.train.subset(np.array([2, 1]))
    assert subset.unread_words == 2
    assert subset.words.values.tolist() == [2, 0, 1, 2]
    assert [one.tolist() for one in subset.words.sentences()] == [[2, 0, 1], [2]]


def test_logits_are_read_at_first_tokens(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", ROWS)
    train = prepared(tmp_path, max_length=5).train
    ids = np.array([2, 0])
    batch = train.batch(ids)
    logits = np.random.default_rng(0).normal(size=(*batch.weights.shape, 3))
    found = train.of_words(ids, logits)
    assert found.counts.tolist() == [3, 3]
    nan = np.full(3, np.nan)
    np.testing.assert_array_equal(found.values, [nan, logits[0, 1], nan, logits[1, 1], logits[1, 2], nan])


def test_a_fraction_is_held_out_and_found_again(tmp_path: Path) -> None:
    sentences.write_rows(tmp_path / "train.jsonl", 20)
    first, again = (prepared(tmp_path, validation=0.2) for _ in range(2))
    assert (len(first.train), len(first.validation)) == (16, 4)
    assert pieces(first.validation, True) == pieces(again.validation, True)
    assert first.train.words.labels == tuple(first.labels) == ("B-ANIMAL", "B-PLANT", "I-ANIMAL", "O")


BAD = {
    "lengths differ": ({"tokens": ["a", "b"], "tags": ["O"]}, "there are 1 tags for 2 tokens"),
    "no tokens": ({"tokens": [], "tags": []}, "the tokens are empty"),
    "tokens missing": ({"tokens": None, "tags": ["O"]}, "the tokens are missing"),
    "tokens are text": ({"tokens": "a b", "tags": ["O"]}, "the tokens are not a list of strings but 'a b'"),
    "an empty token": ({"tokens": ["a", " "], "tags": ["O", "O"]}, r"tokens\[1\] is empty"),
    "a number": ({"tokens": ["a", 5], "tags": ["O", "O"]}, r"tokens\[1\] is not a string but 5"),
    "tags missing": ({"tokens": ["a"], "tags": None}, "the tags are missing"),
    "tags are text": ({"tokens": ["a"], "tags": "O"}, "tags must be a list with one per token, not 'O'"),
    "an empty tag": ({"tokens": ["a", "b"], "tags": ["O", ""]}, "tag 2: the label is empty"),
    "no tag": ({"tokens": ["a", "b"], "tags": ["O", None]}, "tag 2: the label is missing"),
    "half a character": ({"tokens": ["\ud800"], "tags": ["O"]}, "half of a surrogate pair"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_named(name: str, tmp_path: Path) -> None:
    row, reason = BAD[name]
    write(tmp_path / "train.jsonl", [*ROWS, row])
    with pytest.raises(DataError, match=rf"^train.jsonl:5: row 5: .*{reason}"):
        prepared(tmp_path)
    data = prepared(tmp_path, on_bad_row="skip")
    assert (len(data.train), data.reports["train"].rejected_rows, data.labels) == (4, 1, ["B-X", "I-X", "O"])
    assert len(data.train.targets) == 10


def test_an_unknown_tag_is_named(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", ROWS)
    write(tmp_path / "validation.jsonl", [*ROWS, {"tokens": ["a", "b"], "tags": ["O", "B-Y"]}])
    with pytest.raises(DataError, match=r"validation.jsonl:5: row 5: unknown label 'B-Y' \(did you mean B-X"):
        prepared(tmp_path, validation="validation.jsonl")


def test_integers_are_tags_in_their_order(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", [{"words": ["a", "b", "c"], "pos": [10, 9, 10]}])
    assert prepared(tmp_path, columns={"tokens": "words", "tags": "pos"}).labels == ["9", "10"]


def test_one_tag_alone_is_nothing_to_learn(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", [{"tokens": ["a", "b"], "tags": ["O", "O"]}])
    with pytest.raises(DataError, match="every word has the label 'O'"):
        prepared(tmp_path)


def test_rows_without_tags_are_read_for_predictions(tmp_path: Path) -> None:
    write(tmp_path / "new.jsonl", [{"tokens": words} for words in WORDS])
    tokenizer = sentences.tokenizer(tmp_path / "model")
    found = prepare_inputs("new.jsonl", {}, "joint", tokenizer, tmp_path, TASK.input.forms)
    assert found.batch(np.arange(4)).targets == {}
    assert found.of_words(np.array([1]), np.ones((1, 8, 2))).values.tolist() == [[1, 1]]


CONLL = {
    "spaces": "-DOCSTART- -X- O\n\nthe DT O\ndogs NN B-X\n\n\n# NN O\nrun VB O\n",
    "tabs": "# sent_id = 1\nthe\tDT\tO\ndogs\tNN\tB-X\n\n# 2\n#\tNN\tO\nrun\tVB\tO",
    "carriage returns": "the DT O\r\ndogs NN B-X\r\n\r\n# NN O\r\nrun VB O\r\n",
}


@pytest.mark.parametrize("kind", CONLL)
def test_conll_files_are_read_as_json_lines(kind: str, tmp_path: Path) -> None:
    (tmp_path / "train.conll").write_bytes(CONLL[kind].encode())
    rows = [{"tokens": ["the", "dogs"], "tags": ["O", "B-X"]}, {"tokens": ["#", "run"], "tags": ["O", "O"]}]
    write(tmp_path / "train.jsonl", rows)
    as_lines, tokenizer = prepared(tmp_path), sentences.tokenizer(tmp_path / "model")
    spec = DataSpec(train="train.conll", max_length=16)
    as_conll = prepare(spec, TASK, tokenizer, tmp_path, 0, lambda text: None)
    assert (as_conll.labels, as_lines.labels) == (["B-X", "O"],) * 2
    assert pieces(as_conll.train, False) == pieces(as_lines.train, False)
    other = DataSpec(train="train.conll", max_length=16, columns={"tags": "2"})
    assert prepare(other, TASK, tokenizer, tmp_path, 0, lambda text: None).labels == ["DT", "NN", "VB"]


def test_bad_conll_lines_are_named(tmp_path: Path) -> None:
    (tmp_path / "train.conll").write_text("a O\nb O\n\nc O\nd\n")
    tokenizer, spec = sentences.tokenizer(tmp_path / "model"), DataSpec(train="train.conll", max_length=16)
    message = r"train.conll:4: row 2: line 5 has 1 columns, but the sentence's first line has 2"
    with pytest.raises(DataError, match=message):
        prepare(spec, TASK, tokenizer, tmp_path, 0, lambda text: None)
    (tmp_path / "train.conll").write_bytes(b"a O\n\nb O\nc\xff O\n")
    with pytest.raises(DataError, match=r"train.conll:3: row 2: line 4: not UTF-8: byte 0xff"):
        prepare(spec, TASK, tokenizer, tmp_path, 0, lambda text: None)
    (tmp_path / "train.conll").write_text("a\nb\n")
    with pytest.raises(DataError, match=r"there is no column 'tags'.*its columns are tokens, 1"):
        prepare(spec, TASK, tokenizer, tmp_path, 0, lambda text: None)
    assert len(prepare_inputs("train.conll", {}, "joint", tokenizer, tmp_path, TASK.input.forms)) == 1


def read(folder: Path, name: str, content: str, **columns: str) -> list[tuple[list[str], list[str]]]:
    """Return the words and tags of a file's sentences, with the columns that these names choose."""
    (folder / name).write_bytes(content.encode())
    source = open_source(name, folder)
    wanted = {"tokens": "tokens", "tags": "tags", **columns}
    assert set(wanted.values()) <= set(source.reader.columns())
    found = list(source.reader.rows(list(wanted.values())))
    assert [row.problem for row in found] == [None] * len(found)
    return [(row.values[wanted["tokens"]], row.values[wanted["tags"]]) for row in found]  # type: ignore[misc]


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u3000", "\x1f", "\u0085"])
def test_only_spaces_and_tabs_divide_the_fields_of_conll(space: str, tmp_path: Path) -> None:
    word = f"10{space}000"
    assert read(tmp_path, "a.conll", f"{word} O\nkr   O\n") == [([word, "kr"], ["O", "O"])]
    assert read(tmp_path, "b.conll", f"{word}\tO\nin front\tO\n") == [([word, "in front"], ["O", "O"])]


@pytest.mark.parametrize("lines", ["\n\n\n", "\n \n\t\n", "\n\n-DOCSTART- -X- O\n\n", "\n-DOCSTART-\n"])
def test_blank_lines_and_lines_of_documents_end_a_sentence(lines: str, tmp_path: Path) -> None:
    content = f"-DOCSTART- O\n\na O{lines}b B-X\n\n\n"
    assert read(tmp_path, "a.conll", content) == [(["a"], ["O"]), (["b"], ["B-X"])]
    assert read(tmp_path, "b.conll", "#begin document (x); part 000\na O\n#end document\n") == [(["a"], ["O"])]
    assert read(tmp_path, "c.conll", "-DOCSTART-s O\na O\n") == [(["-DOCSTART-s", "a"], ["O", "O"])]


UNIVERSAL = """\
# sent_id = 1
# text = vámonos\tal mar
1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tvamos\tir\tVERB\t_\tMood=Imp\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_
2.1\tque\t_\t_\t_\t_\t_\t_\t1:x\t_
3\tal\u00a0mar\tmar\tNOUN\t_\t_\t1\tobl\t_\tSpaceAfter=No

# sent_id = 2
1\t#\t#\tSYM\t_\t_\t0\troot\t_\t_

"""


@pytest.mark.parametrize("name", ["a.conllu", "a.conll"])
def test_ranges_empty_nodes_and_comments_of_conll_u_are_no_words(name: str, tmp_path: Path) -> None:
    wanted = [(["vamos", "nos", "al\u00a0mar"], ["VERB", "PRON", "NOUN"]), (["#"], ["SYM"])]
    assert read(tmp_path, name, UNIVERSAL, tags="upos") == wanted
    assert read(tmp_path, name, UNIVERSAL, tokens="2", tags="4") == wanted
    assert open_source(name, tmp_path).notes == (
        f"{name}: is read as CoNLL-U: tokens are its forms; ranges and empty nodes are left out",
    )


def test_conll_u_has_no_column_of_tags_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "train.conllu").write_text(UNIVERSAL)
    spec = DataSpec(train="train.conllu", max_length=16)
    with pytest.raises(
        DataError, match=r"no column 'tags'.*its columns are id, tokens, lemma, upos.*set data.columns.t"
    ):
        prepare(spec, TASK, sentences.tokenizer(tmp_path / "model", 16), tmp_path, 0, lambda text: None)


def test_a_line_without_an_id_in_conll_u_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.conllu").write_text(UNIVERSAL.replace("\n3\t", "\nx\t"))
    first, second = open_source("a.conllu", tmp_path).reader.rows([])
    assert (first.line, first.problem) == (3, "line 7 begins with no id, as the lines of CoNLL-U do")
    assert second.problem is None
