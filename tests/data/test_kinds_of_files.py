"""Excel, SQLite, the types of Parquet, and several files at once."""

import datetime
import decimal
import json
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pyarrow
import pyarrow.parquet
import pytest
from data_files import EXAMPLES, prepare_in, write_csv, write_jsonl
from test_table_fields import notes, read, refusal, values

from ftcore.errors import DataError
from ftcore.text.tokenizer import Tokenizer

FRAME = pandas.DataFrame(
    {"text": ["one", 'two, "three"', "größer\nals"], "label": [1, 0, 1], "score": [0.5, 2.0, -1.25], "yes": [True] * 3}
)


def records(frame: pandas.DataFrame) -> list[dict[str, Any]]:
    return json.loads(frame.to_json(orient="records"))


def test_excel_as_pandas_writes_it(tmp_path: Path) -> None:
    FRAME.to_excel(tmp_path / "a.xlsx", index=False)
    assert values(tmp_path, "a.xlsx") == records(FRAME)
    assert [(row.number, row.line) for row in read(tmp_path, "a.xlsx")] == [(1, 2), (2, 3), (3, 4)]


def test_the_index_of_excel_has_no_name_and_is_left_out(tmp_path: Path) -> None:
    FRAME.to_excel(tmp_path / "a.xlsx")
    assert values(tmp_path, "a.xlsx") == records(FRAME)


def test_a_sheet_is_named_where_there_are_several(tmp_path: Path) -> None:
    with pandas.ExcelWriter(tmp_path / "a.xlsx") as writer:
        FRAME.to_excel(writer, sheet_name="first", index=False)
        FRAME[:1].to_excel(writer, sheet_name="second", index=False)
    assert refusal(tmp_path, "a.xlsx") == "a.xlsx: has several sheets: set data.sheet to one of first, second"
    assert refusal(tmp_path, "a.xlsx", sheet="third").startswith("a.xlsx: has no sheet 'third': set data.sheet to one")
    assert len(values(tmp_path, "a.xlsx", sheet="second")) == 1


def test_blank_rows_dates_and_failed_formulas_of_excel(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["text", "label"], [], ["a", datetime.date(2024, 2, 29)], ["b", "#N/A"], ["c", None]):
        book.active.append(row)
    book.active["B4"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path, "a.xlsx")
    assert [row.line for row in found] == [3, 4, 5]
    assert found[0].values["label"] == "2024-02-29T00:00:00"
    assert found[1].problem == "the column 'label' is #N/A, the result of a formula that failed"
    assert found[2].values == {"text": "c", "label": None}


def test_excel_without_a_header(tmp_path: Path) -> None:
    FRAME.to_excel(tmp_path / "a.xlsx", index=False, header=False)
    assert [row["1"] for row in values(tmp_path, "a.xlsx", header=False)] == list(FRAME["text"])


def database(path: Path, *tables: str) -> None:
    connection = sqlite3.connect(path)
    for table in tables:
        FRAME.to_sql(table, connection, index=False)
    connection.close()


@pytest.mark.parametrize("name", ["a.sqlite", "a b#c?.db"])
def test_sqlite_with_one_table(name: str, tmp_path: Path) -> None:
    database(tmp_path / name, 'the "table"')
    assert values(tmp_path, name) == records(FRAME.assign(yes=1))
    assert notes(tmp_path, name) == [f'{name}: read with data.query: SELECT * FROM "the ""table"""']


def test_sqlite_with_a_query(tmp_path: Path) -> None:
    database(tmp_path / "a.db", "one", "two")
    assert refusal(tmp_path, "a.db").startswith("a.db: has the tables one, two: set data.query, such as")
    query = "SELECT text, label AS score FROM two WHERE label = 1 ORDER BY text"
    assert values(tmp_path, "a.db", query=query) == [{"text": "größer\nals", "score": 1}, {"text": "one", "score": 1}]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT absent FROM one", "cannot be run: no such column: absent"),
        ("DELETE FROM one", "cannot be run: attempt to write a readonly database"),
        ("SELECT text, label AS text FROM one", "the column 'text' occurs more than once"),
        ("PRAGMA synchronous = 1", "gives no rows: it must be a SELECT"),
        ("SELECT 1; SELECT 2", "cannot be run: You can only execute one statement at a time."),
    ],
)
def test_a_wrong_query_is_an_error(query: str, said: str, tmp_path: Path) -> None:
    database(tmp_path / "a.db", "one")
    assert said in refusal(tmp_path, "a.db", query=query)
    assert len(values(tmp_path, "a.db")) == 3


PARQUET: dict[str, tuple[pyarrow.Array, list[Any]]] = {
    "dictionary": (pyarrow.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
    "large string": (pyarrow.array(["a", None, "ü"], pyarrow.large_string()), ["a", None, "ü"]),
    "string view": (pyarrow.array(["a", None, "ü" * 20], pyarrow.string_view()), ["a", None, "ü" * 20]),
    "decimal": (
        pyarrow.array([decimal.Decimal("1.50"), decimal.Decimal("2.00"), None], pyarrow.decimal128(5, 2)),
        [1.5, 2, None],
    ),
    "list": (pyarrow.array([["a", "b"], [], None]), [["a", "b"], [], None]),
    "large list of dictionary": (
        pyarrow.array([["a"], ["b", "a"]], pyarrow.large_list(pyarrow.dictionary(pyarrow.int8(), pyarrow.string()))),
        [["a"], ["b", "a"]],
    ),
    "fixed list of decimals": (
        pyarrow.array([[decimal.Decimal("0.5")] * 2], pyarrow.list_(pyarrow.decimal128(3, 1), 2)),
        [[0.5, 0.5]],
    ),
    "timestamp": (pyarrow.array([datetime.datetime(2024, 2, 29, 12)]), ["2024-02-29T12:00:00"]),
    "date": (pyarrow.array([datetime.date(2024, 2, 29)]), ["2024-02-29"]),
    "half float": (pyarrow.array([0.5], pyarrow.float16()), [0.5]),
    "struct": (pyarrow.array([{"role": "user", "n": decimal.Decimal("3")}]), [{"role": "user", "n": 3}]),
}


@pytest.mark.parametrize("kind", PARQUET)
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_types_of_parquet_and_arrow(kind: str, ending: str, tmp_path: Path) -> None:
    array, wanted = PARQUET[kind]
    table = pyarrow.table({"x": array})
    if ending == "parquet":
        pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    else:
        with pyarrow.ipc.new_file(str(tmp_path / "a.arrow"), table.schema) as writer:
            writer.write_table(table)
    found = [row["x"] for row in values(tmp_path, f"a.{ending}")]
    assert found == wanted
    assert list(map(type, found)) == list(map(type, wanted))


def parts(folder: Path) -> list[dict[str, Any]]:
    """Write the examples into three files of unlike form, and return them in the files' order."""
    write_csv(folder / "part-1.csv", EXAMPLES[:2])
    write_jsonl(folder / "part-2.jsonl", EXAMPLES[2:3])
    write_csv(folder / "part-3.csv", EXAMPLES[3:])
    return list(EXAMPLES)


@pytest.mark.parametrize(
    "train", [["part-1.csv", "part-2.jsonl", "part-3.csv"], "part-*", ["part-[12]*", "part-3.csv"]]
)
def test_several_files_are_one(train: Any, tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_csv(tmp_path / "whole.csv", parts(tmp_path))
    whole, several = (prepare_in(tmp_path, tokenizer, train=given) for given in ("whole.csv", train))
    assert len(several.train) == len(EXAMPLES)
    assert several.train.batch([*range(5)]).inputs["input_ids"].tolist() == (
        whole.train.batch([*range(5)]).inputs["input_ids"].tolist()
    )
    assert several.labels == whole.labels


def test_files_of_a_pattern_are_listed(tmp_path: Path) -> None:
    parts(tmp_path)
    assert notes(tmp_path, "part-*") == ["part-*: 3 files: part-1.csv, part-2.jsonl, part-3.csv"]
    assert notes(tmp_path, "part-1*") == ["part-1*: 1 file: part-1.csv"]
    assert "no file matches this pattern; looked in" in refusal(tmp_path, "none-*.csv")


def test_a_bad_row_of_several_files_names_its_file(tmp_path: Path, tokenizer: Tokenizer) -> None:
    parts(tmp_path)
    (tmp_path / "part-2.jsonl").write_text('{"text": "a", "label": "card"}\n{"text": 1, "label": "card"}\n')
    train = ["part-1.csv", "part-2.jsonl"]
    with pytest.raises(DataError, match=r"^part-2\.jsonl:2: row 4: the text is not a string but 1$"):
        prepare_in(tmp_path, tokenizer, train=train)
    data = prepare_in(tmp_path, tokenizer, train=train, on_bad_row="skip")
    assert str(data.reports["train"].rejected[0]).startswith("part-2.jsonl:2: row 4: ")
    assert data.rejected_file is not None
    listed = json.loads(data.rejected_file.read_text())
    assert listed == {"file": "part-2.jsonl", "row": 4, "line": 2, "reason": "the text is not a string but 1"}


def test_a_column_that_one_of_several_files_lacks_is_an_error(tmp_path: Path, tokenizer: Tokenizer) -> None:
    parts(tmp_path)
    write_csv(tmp_path / "part-3.csv", [{"text": "a", "name": "b"}])
    with pytest.raises(
        DataError, match=r"^part-3\.csv: there is no column 'label', which part-1\.csv has; its columns"
    ):
        prepare_in(tmp_path, tokenizer, train="part-*")


def test_rows_of_a_spec_are_chosen_and_it_is_said(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_csv(tmp_path / "a.csv", [{**row, "part": number % 2} for number, row in enumerate(EXAMPLES)])
    data = prepare_in(tmp_path, tokenizer, train="a.csv", where={"column": "part", "is": 0})
    assert len(data.train) == 3
    assert len(prepare_in(tmp_path, tokenizer, train="a.csv").train) == 5
