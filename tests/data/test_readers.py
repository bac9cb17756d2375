"""Every format gives the same rows."""

import json
from pathlib import Path

import datasets
import numpy as np
import pyarrow
import pytest
from data_files import EXAMPLES, WRITERS, prepare_in, write_csv, write_jsonl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftcore.data.readers import json_list
from ftcore.data.sources import rows
from ftcore.data.table_format import TableFormat
from ftcore.errors import DataError
from ftcore.text.tokenizer import Tokenizer


@pytest.mark.parametrize("format_name", WRITERS)
def test_round_trip(format_name: str, tmp_path: Path) -> None:
    name, write = WRITERS[format_name]
    write(tmp_path / name, EXAMPLES)
    read = list(rows(name, tmp_path))
    assert [dict(row.values) for row in read] == list(EXAMPLES)
    assert [row.number for row in read] == [1, 2, 3, 4, 5]
    assert all(row.problem is None for row in read)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=20)


@pytest.mark.parametrize("format_name", WRITERS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=6))
def test_any_text_survives(format_name: str, texts: list[str], tmp_path: Path) -> None:
    name, write = WRITERS[format_name]
    write(tmp_path / name, [{"text": text, "label": "x"} for text in texts])
    assert _texts(name, tmp_path) == texts


def _texts(name: str, folder: Path) -> list[object]:
    """Return the texts of a file, whose quotes enclose fields where that is asked."""
    try:
        return [row.values["text"] for row in rows(name, folder)]
    except DataError as error:
        if "set data.quoting to standard" not in str(error):
            raise
        return [row.values["text"] for row in rows(name, folder, TableFormat(quoting="standard"))]


@pytest.mark.parametrize("format_name", WRITERS)
def test_same_examples_from_every_format(format_name: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "reference.jsonl", EXAMPLES)
    expected = prepare_in(tmp_path, tokenizer, train="reference.jsonl")
    name, write = WRITERS[format_name]
    write(tmp_path / name, EXAMPLES)
    found = prepare_in(tmp_path, tokenizer, train=name)
    ids = np.arange(5)
    for key in ("input_ids", "attention_mask", "token_type_ids"):
        np.testing.assert_array_equal(found.train.batch(ids).inputs[key], expected.train.batch(ids).inputs[key])
    np.testing.assert_array_equal(found.train.targets, expected.train.targets)
    assert found.labels == ["card", "other"]


def test_line_of_a_csv_record_that_spans_lines(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", EXAMPLES)
    assert [row.line for row in rows("a.csv", tmp_path)] == [2, 3, 5, 6, 7]


def test_blank_lines_are_no_rows_and_lines_still_count(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('\n{"text": "a"}\n  \n{"text": "b"}\n\n')
    (tmp_path / "a.csv").write_text("text,label\n\na,x\n\nb,y\n\n")
    assert [(row.number, row.line) for row in rows("a.jsonl", tmp_path)] == [(1, 2), (2, 4)]
    assert [(row.number, row.line) for row in rows("a.csv", tmp_path)] == [(1, 3), (2, 5)]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "json"])
def test_byte_order_mark_is_no_part_of_the_data(ending: str, tmp_path: Path) -> None:
    content = {"csv": "text\nhi\n", "jsonl": '{"text": "hi"}\n', "json": '[{"text": "hi"}]'}[ending]
    (tmp_path / f"a.{ending}").write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert [dict(row.values) for row in rows(f"a.{ending}", tmp_path)] == [{"text": "hi"}]


def test_windows_line_ends(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'text,label\r\nhello,x\r\n"two\r\nlines",y\r\n')
    assert [row.values["text"] for row in rows("a.csv", tmp_path)] == ["hello", "two\r\nlines"]


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64])
def test_json_list_is_read_in_blocks_of_any_size(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_list, "BLOCK", block)
    wanted = [*EXAMPLES, {"text": "numbers", "label": 12345678901, "score": -1.25e-3}, {"text": "", "label": None}]
    (tmp_path / "a.json").write_text(json.dumps(wanted, ensure_ascii=False, indent=2), encoding="utf-8")
    assert [dict(row.values) for row in rows("a.json", tmp_path)] == wanted


def test_a_number_in_a_list_that_a_block_cuts_in_two_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_list, "BLOCK", 3)
    (tmp_path / "a.json").write_text('[{"text":"x"},123456]')
    read = list(rows("a.json", tmp_path))
    assert len(read) == 2
    assert read[1].problem == "a row must be a JSON object, not a number"


def test_saved_dataset(tmp_path: Path) -> None:
    datasets.Dataset.from_list(list(EXAMPLES)).save_to_disk(str(tmp_path / "saved"))
    assert [dict(row.values) for row in rows("saved", tmp_path)] == list(EXAMPLES)


def test_class_codes_of_a_saved_dataset_are_read_as_names(tmp_path: Path) -> None:
    features = datasets.Features(text=datasets.Value("string"), label=datasets.ClassLabel(names=["no", "yes"]))
    values = {"text": ["a", "b", "c"], "label": [1, 0, -1]}
    datasets.Dataset.from_dict(values, features=features).save_to_disk(str(tmp_path / "saved"))
    assert [row.values["label"] for row in rows("saved", tmp_path)] == ["yes", "no", None]


def test_one_split_of_a_saved_dataset_dict(tmp_path: Path) -> None:
    split = datasets.Dataset.from_list(list(EXAMPLES))
    datasets.DatasetDict(train=split, test=split.select([0])).save_to_disk(str(tmp_path / "saved"))
    assert len(list(rows("saved/test", tmp_path))) == 1


def test_parquet_gives_only_the_columns_asked_for(tmp_path: Path) -> None:
    from ftcore.data.sources import open_source

    table = pyarrow.table({"text": ["a"], "image": [b"x" * 100]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    reader = open_source("a.parquet", tmp_path).reader
    assert reader.columns() == ["text", "image"]
    assert [dict(row.values) for row in reader.rows(["text"])] == [{"text": "a"}]
