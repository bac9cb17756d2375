"""A bad row stops with file, row and reason, or is left out, counted and listed."""

import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from data_files import prepare_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftcore.data.sources import rows
from ftcore.data.table_format import TableFormat
from ftcore.errors import DataError
from ftcore.text.tokenizer import Tokenizer

ENDINGS = ["csv", "tsv", "jsonl", "json", "parquet", "arrow"]
GOOD = [b'{"text": "one", "label": "a"}', b'{"text": "two", "label": "b"}']
BAD: dict[str, tuple[bytes, str]] = {
    "label missing": (b'{"text": "x"}', "the label is missing"),
    "label null": (b'{"text": "x", "label": null}', "the label is missing"),
    "label empty": (b'{"text": "x", "label": " "}', "the label is empty"),
    "label a list": (b'{"text": "x", "label": ["a"]}', "a label is a string or a number, not ['a']"),
    "label not a number": (b'{"text": "x", "label": NaN}', "the label is missing"),
    "label infinite": (b'{"text": "x", "label": 1e999}', "a label is a string or a number, not inf"),
    "text missing": (b'{"label": "a"}', "the text is missing"),
    "text null": (b'{"text": null, "label": "a"}', "the text is missing"),
    "text empty": (b'{"text": "", "label": "a"}', "the text is empty"),
    "text blank": (b'{"text": " \\n\\u00a0", "label": "a"}', "the text is empty"),
    "text a number": (b'{"text": 12, "label": "a"}', "the text is not a string but 12"),
    "text a list": (b'{"text": ["x"], "label": "a"}', "the text is not a string but ['x']"),
    "half a surrogate pair": (
        b'{"text": "x\\ud83d", "label": "a"}',
        "the text contains '\\ud83d', half of a surrogate pair, which is not a character",
    ),
    "half a pair in a label": (
        b'{"text": "x", "label": "\\udc00"}',
        "the label contains '\\udc00', half of a surrogate pair, which is not a character",
    ),
    "not UTF-8": (b'{"text": "caf\xe9", "label": "a"}', "not UTF-8: byte 0xe9 at byte 14; save the file as UTF-8"),
    "not JSON": (b'{"text": "x", "label": "a"', "invalid JSON: Expecting ',' delimiter at column 27"),
    "single quotes": (b"{'text': 'x'}", "invalid JSON: Expecting property name enclosed in double quotes at column 2"),
    "a list": (b'["x", "a"]', "a row must be a JSON object, not a list"),
    "a string": (b'"x"', "a row must be a JSON object, not a string"),
    "null": (b"null", "a row must be a JSON object, not null"),
    "nested too deeply": (b'{"text": ' + b"[" * 100_000, "invalid JSON: "),
}


def write(path: Path, bad: bytes) -> None:
    path.write_bytes(b"\n".join([*GOOD, bad, *GOOD]) + b"\n")


@pytest.mark.parametrize("kind", BAD)
def test_bad_row_of_json_lines_stops(kind: str, tmp_path: Path, tokenizer: Tokenizer, cache: Path) -> None:
    bad, reason = BAD[kind]
    write(tmp_path / "train.jsonl", bad)
    with pytest.raises(DataError) as caught:
        prepare_in(tmp_path, tokenizer, train="train.jsonl")
    text = str(caught.value)
    assert text.startswith(f"train.jsonl:3: row 3: {reason}")
    assert "\n" not in text
    assert len(text) < 200
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("kind", BAD)
def test_bad_row_of_json_lines_is_skipped(kind: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    bad, reason = BAD[kind]
    write(tmp_path / "train.jsonl", bad)
    data = prepare_in(tmp_path, tokenizer, train="train.jsonl", on_bad_row="skip")
    assert len(data.train) == 4
    assert data.labels == ["a", "b"]
    assert data.train.targets.tolist() == [0, 1, 0, 1]
    report = data.reports["train"]
    assert report.rejected_rows == 1
    assert str(report.rejected[0]).startswith(f"train.jsonl:3: row 3: {reason}")
    assert data.rejected_file is not None
    listed = [json.loads(line) for line in data.rejected_file.read_text("utf-8").splitlines()]
    assert [(row["file"], row["row"], row["line"]) for row in listed] == [("train.jsonl", 3, 3)]
    assert listed[0]["reason"].startswith(reason)


CSV_BAD: dict[str, tuple[bytes, str]] = {
    "too few fields": (b"x\n", "1 fields, but the header has 2"),
    "too many fields": (b"x,a,b\n", "3 fields, but the header has 2"),
    "not UTF-8": ("café,a\n".encode("latin-1"), "not UTF-8: byte 0xe9 at byte 4; save the file as UTF-8"),
    "text after a quote": (b'"x" y,a\n', 'text follows a closing quote (inside quotes a quote is written twice: "")'),
    "quote never closed": (b'"x,a\n', "a quote is opened and never closed"),
    "empty text": (b",a\n", "the text is empty"),
    "empty label": (b"x,\n", "the label is empty"),
    "huge quoted field": (b'"' + b"x" * 140_000, "a quote is opened and never closed"),
    "carriage return": (b"x\ry,a\n", "there is a carriage return in a field: end lines with"),
}


@pytest.mark.parametrize("kind", CSV_BAD)
def test_bad_row_of_csv(kind: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    bad, reason = CSV_BAD[kind]
    (tmp_path / "train.csv").write_bytes(b'text,label\n"one\nmore, or",a\ntwo,b\n' + bad)
    with pytest.raises(DataError) as caught:
        prepare_in(tmp_path, tokenizer, train="train.csv")
    assert str(caught.value).startswith(f"train.csv:5: row 3: {reason}")
    data = prepare_in(tmp_path, tokenizer, train="train.csv", on_bad_row="skip")
    assert len(data.train) == 2
    assert data.reports["train"].rejected_rows == 1


def test_rows_after_a_bad_one_are_read_in_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'text,label\n"x" y,a\ncaf\xe9,a\nfew\nlast,b\n')
    read = list(rows("a.csv", tmp_path, TableFormat(quoting="standard")))
    assert [row.problem is None for row in read] == [False, False, False, True]
    assert (read[-1].line, read[-1].values) == (5, {"text": "last", "label": "b"})


@pytest.mark.parametrize("ending", ["parquet", "json"])
def test_bad_row_of_a_format_without_lines(ending: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    values = [{"text": "one", "label": "a"}, {"text": None, "label": "b"}]
    if ending == "parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(values), tmp_path / "train.parquet")
    else:
        (tmp_path / "train.json").write_text(json.dumps(values))
    with pytest.raises(DataError) as caught:
        prepare_in(tmp_path, tokenizer, train=f"train.{ending}")
    assert str(caught.value) == f"train.{ending}: row 2: the text is missing"


def test_arrow_string_that_is_not_utf8(tmp_path: Path) -> None:
    offsets, content = pyarrow.py_buffer(b"\0\0\0\0\1\0\0\0\3\0\0\0"), pyarrow.py_buffer(b"a\xff\xfe")
    column = pyarrow.StringArray.from_buffers(2, offsets, content)
    table = pyarrow.table({"text": column})
    with pyarrow.ipc.new_file(str(tmp_path / "a.arrow"), table.schema) as writer:
        writer.write_table(table)
    assert [row.problem for row in rows("a.arrow", tmp_path)] == [None, "not UTF-8: byte 0xff in a string"]


def test_label_that_train_lacks(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write(tmp_path / "train.jsonl", GOOD[0])
    (tmp_path / "test.jsonl").write_text('{"text": "x", "label": "c"}\n')
    with pytest.raises(DataError, match=r"^test\.jsonl:1: row 1: unknown label 'c'; known: a, b$"):
        prepare_in(tmp_path, tokenizer, train="train.jsonl", test="test.jsonl")


def test_label_that_is_not_among_those_given(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "train.jsonl").write_text('{"text": "x", "label": "positiv"}\n')
    with pytest.raises(DataError, match=r"row 1: unknown label 'positiv' \(did you mean positive\?\); known: "):
        prepare_in(tmp_path, tokenizer, train="train.jsonl", labels=["negative", "positive"])


@pytest.mark.parametrize("value", ['"high"', "true", "NaN", "[1]", "1e999"])
def test_target_that_is_no_number(value: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "train.jsonl").write_text(f'{{"text": "x", "label": {value}}}\n')
    with pytest.raises(DataError, match=r"^train\.jsonl:1: row 1: the label must be a (finite )?number, not "):
        prepare_in(tmp_path, tokenizer, "text-regression", train="train.jsonl")


def test_labels_missing_of_several(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "train.jsonl").write_text('{"text": "x", "labels": ["a"]}\n{"text": "x"}\n')
    with pytest.raises(DataError, match=r"^train\.jsonl:2: row 2: the labels are missing$"):
        prepare_in(tmp_path, tokenizer, "multi-label-classification", train="train.jsonl")


def test_second_text_missing_names_the_column(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "train.jsonl").write_text('{"q": "x", "a": "y", "label": "a"}\n{"q": "x", "label": "b"}\n')
    columns = {"text_a": "q", "text_b": "a"}
    with pytest.raises(DataError, match=r"^train\.jsonl:2: row 2: the text_b \(column 'a'\) is missing$"):
        prepare_in(tmp_path, tokenizer, train="train.jsonl", columns=columns)


def test_first_rows_that_cannot_be_read_hide_the_columns(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "train.jsonl").write_text(json.dumps({"text": "x", "label": "a"}, indent=2))
    with pytest.raises(DataError, match=r"^train\.jsonl:1: row 1: invalid JSON"):
        prepare_in(tmp_path, tokenizer, train="train.jsonl")


def test_every_row_bad(tmp_path: Path, tokenizer: Tokenizer, cache: Path) -> None:
    (tmp_path / "train.jsonl").write_text('{"text": "", "label": "a"}\n' * 3)
    with pytest.raises(DataError, match=r"^train\.jsonl: every row is bad: 3 of 3$"):
        prepare_in(tmp_path, tokenizer, train="train.jsonl", on_bad_row="skip")
    assert list(cache.iterdir()) == []


def test_a_bad_row_of_a_skipped_label_adds_no_class(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write(tmp_path / "train.jsonl", b'{"text": "", "label": "only-here"}')
    data = prepare_in(tmp_path, tokenizer, train="train.jsonl", on_bad_row="skip")
    assert data.labels == ["a", "b"]


def test_reports_list_few_and_count_all(tmp_path: Path, tokenizer: Tokenizer) -> None:
    lines = [*GOOD, *[b'{"text": "", "label": "a"}'] * 50]
    (tmp_path / "train.jsonl").write_bytes(b"\n".join(lines))
    data = prepare_in(tmp_path, tokenizer, train="train.jsonl", on_bad_row="skip")
    assert (data.reports["train"].rejected_rows, len(data.reports["train"].rejected)) == (50, 20)
    assert data.rejected_file is not None
    assert len(data.rejected_file.read_text().splitlines()) == 50


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(min_size=1, max_size=60),
    ending=st.sampled_from(ENDINGS),
)
def test_any_bytes_are_read_or_refused_in_one_line(
    content: bytes, ending: str, tmp_path: Path, tokenizer: Tokenizer
) -> None:
    (tmp_path / f"a.{ending}").write_bytes(content)
    said = what_is_said_of(f"a.{ending}", tmp_path)
    assert all(text.startswith(f"a.{ending}:") and "\n" not in text for text in said)


def what_is_said_of(name: str, folder: Path) -> list[str]:
    """Return the problems of all rows, or why the file is refused."""
    try:
        return [f"{name}: {row.problem}" for row in rows(name, folder) if row.problem is not None]
    except DataError as error:
        return [str(error)]
