"""The fields that tell how a file is read, and what is decided without them."""

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from ftcore.data.readers.base import Row
from ftcore.data.readers.streams import stream_reader
from ftcore.data.sources import open_source
from ftcore.data.table_format import Condition, TableFormat, given_format
from ftcore.errors import DataError, SpecError
from ftcore.spec import dump_spec, read_spec

MESSAGES = [
    "text\tlabel",
    '"the queue is long\tspam',
    "see you\tham",
    'he said "hi\tham',
    'then "\tham',
    '"" is empty\tspam',
    "five\tham",
    "six\tspam",
]
"""Eight lines of messages whose quotes enclose nothing; csv readers make fewer rows of them."""


def read(folder: Path, name: str, where: list[Condition] | None = None, **fields: Any) -> list[Row]:
    source = open_source(name, folder, TableFormat(**fields), where or [])
    columns = source.reader.columns()
    return list(source.rows(columns, ["text"]))


def values(folder: Path, name: str, **fields: Any) -> list[dict[str, object]]:
    found = read(folder, name, **fields)
    assert [row.problem for row in found] == [None] * len(found)
    return [dict(row.values) for row in found]


def refusal(folder: Path, name: str, **fields: Any) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, name, **fields)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def notes(folder: Path, name: str, **fields: Any) -> list[str]:
    return list(open_source(name, folder, TableFormat(**fields)).notes)


@pytest.mark.parametrize(
    ("encoding", "given"),
    [("utf-8", "auto"), ("utf-8-sig", "auto"), ("utf-16", "auto"), ("utf-32", "auto")]
    + [
        (name, name) for name in ("latin-1", "cp1252", "utf-16-le", "utf-16", "gb18030", "shift_jis", "utf-8", "koi8-r")
    ],
)
@pytest.mark.parametrize("ending", ["csv", "jsonl", "json"])
def test_encodings(encoding: str, given: str, ending: str, tmp_path: Path) -> None:
    text = {"gb18030": "中文", "shift_jis": "日本語", "koi8-r": "Привет"}.get(encoding, "café") * 5000
    content = {
        "csv": f"text,label\n{text},a\n",
        "jsonl": json.dumps({"text": text, "label": "a"}, ensure_ascii=False) + "\n",
        "json": json.dumps([{"text": text, "label": "a"}], ensure_ascii=False),
    }[ending]
    (tmp_path / f"a.{ending}").write_bytes(content.encode(encoding))
    assert values(tmp_path, f"a.{ending}", encoding=given) == [{"text": text, "label": "a"}]


def test_an_encoding_by_its_mark_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text,label\na,b\n".encode("utf-16"))
    assert notes(tmp_path, "a.csv") == ["a.csv: read as UTF-16, by its byte-order mark"]


def test_a_wrong_encoding_names_the_field(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text,label\ncafé,b\n".encode("latin-1"))
    (row,) = read(tmp_path, "a.csv")
    assert row.problem == (
        "not UTF-8: byte 0xe9 at byte 4; save the file as UTF-8, or set data.encoding, such as cp1252 or latin-1"
    )
    assert "a.csv: is not ASCII: byte 15; set data.encoding" in refusal(tmp_path, "a.csv", encoding="ascii")


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolon"), ("\t", "tab"), ("|", "pipe")])
def test_the_delimiter_of_a_csv_file_is_found_and_said(delimiter: str, name: str, tmp_path: Path) -> None:
    lines = ["id;text;label", "1;hello, world;a", '2;"semi;colon, | pipe and\ttab";b', "3;one, two;a"]
    content = "\n".join(line.replace(";", delimiter).replace("semi" + delimiter, "semi;") for line in lines)
    (tmp_path / "a.csv").write_text(content)
    found = [row["text"] for row in values(tmp_path, "a.csv")]
    assert found == ["hello, world", "semi;colon, | pipe and\ttab", "one, two"]
    assert notes(tmp_path, "a.csv") == [f"a.csv: the delimiter is the {name}, by the first lines"]


def test_the_delimiter_of_a_tsv_file_may_be_a_comma(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("text,label\na,b\n")
    assert values(tmp_path, "a.tsv") == [{"text": "a", "label": "b"}]


def test_a_delimiter_that_is_not_clear_is_an_error_that_names_the_field(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text;label,note\na;b,c\nd;e,f\n")
    assert refusal(tmp_path, "a.csv") == (
        "a.csv: the first line has 2 columns by the comma and 2 columns by the semicolon, and the lines below do not "
        "tell which is right: set data.delimiter"
    )
    assert values(tmp_path, "a.csv", delimiter=";")[0] == {"text": "a", "label,note": "b,c"}


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\none; two | three\n")
    assert values(tmp_path, "a.csv") == [{"text": "one; two | three"}]
    assert notes(tmp_path, "a.csv") == []


def test_quotes_that_enclose_nothing_are_characters(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("\n".join(MESSAGES))
    wanted = [dict(zip(("text", "label"), line.split("\t"), strict=True)) for line in MESSAGES[1:]]
    assert values(tmp_path, "a.tsv") == wanted == values(tmp_path, "a.tsv", quoting="none")
    assert notes(tmp_path, "a.tsv") == [
        "a.tsv: quotes are read as characters like others (data.quoting: none), since they enclose no fields"
    ]


def test_a_quote_that_could_be_either_is_an_error_that_names_both_readings_and_the_field(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text('text\tlabel\n"swallows\tspam\ntwo\tham\nup to here "\tham\nlast\tspam\n')
    assert refusal(tmp_path, "a.tsv") == (
        "a.tsv: has 2 rows if quotes enclose fields, and 4 rows if they are characters like others: set data.quoting "
        "to standard or to none"
    )
    assert len(values(tmp_path, "a.tsv", quoting="none")) == 4
    with (tmp_path / "a.tsv").open("a") as stream:
        stream.write('a "word" inside\tham\n')
    assert len(values(tmp_path, "a.tsv")) == 5
    assert len(values(tmp_path, "a.tsv", quoting="standard")) == 3


@pytest.mark.parametrize(
    "content",
    [
        'text,label\n"one, two",a\n"three\nfour",b\n',
        '"text","label"\n"one","a"\n"two\nlines","b"\n',
        'text,label\n"one ""two"" three",a\n',
        'text,label\n5" disk,a\n',
        'text,label\n"all",a\n"wrapped",b\n',
    ],
)
def test_usual_quotes_are_read_as_before_and_without_a_note(content: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(content)
    assert values(tmp_path, "a.csv") == values(tmp_path, "a.csv", quoting="standard")
    assert notes(tmp_path, "a.csv") == []


def test_quotes_around_some_texts_for_no_reason_are_an_error_that_names_the_field(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text('text\tlabel\n"good morning"\tham\nsee you\tham\n')
    assert refusal(tmp_path, "a.tsv") == (
        "a.tsv: '\"good morning\"' is in quotes and other texts of its column are not, though no field needs quotes: "
        "set data.quoting to standard if they enclose fields, or to none if they belong to the texts"
    )
    assert values(tmp_path, "a.tsv", quoting="none")[0]["text"] == '"good morning"'
    (tmp_path / "b.tsv").write_text('text\tlabel\n"good morning"\tham\nsee "you"\tham\n')
    assert [row["text"] for row in values(tmp_path, "b.tsv")] == ['"good morning"', 'see "you"']
    assert notes(tmp_path, "b.tsv")


def test_a_quote_after_a_backslash_is_an_error_that_names_the_field(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,label\n"he said \\"hi\\"",ham\n')
    assert refusal(tmp_path, "a.csv").startswith(
        "a.csv:2: a quote follows a backslash, which has no meaning in csv and"
    )
    assert values(tmp_path, "a.csv", quoting="none")[0]["text"] == r'"he said \"hi\""'
    (tmp_path / "c.csv").write_text('text,label\nG\\"odel wrote,a\nof "truth" first,b\n')
    assert values(tmp_path, "c.csv")[0] == {"text": r"G\"odel wrote", "label": "a"}
    (tmp_path / "b.csv").write_text('text,label\n"a path C:\\","he said ""\\""hi"""\n')
    assert values(tmp_path, "b.csv") == [{"text": "a path C:\\", "label": r'he said "\"hi"'}]


def test_a_file_without_a_header_has_numbered_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('ham,"hello, you"\nspam,win\n')
    assert values(tmp_path, "a.csv", header=False) == [{"1": "ham", "2": "hello, you"}, {"1": "spam", "2": "win"}]
    (row, _) = read(tmp_path, "a.csv", header=False)
    assert (row.number, row.line) == (1, 1)


def test_a_row_unlike_the_first_one_is_bad_without_a_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\nc\nd,e\n")
    assert [row.problem for row in read(tmp_path, "a.csv", header=False)] == [
        None,
        "1 fields, but the first row has 2; see data.delimiter and data.quoting",
        None,
    ]


def test_decimal_comma(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text;label\n1,5;-1,5\n2;,5\nx;1,2e3\ny;3\nz;a,b\n")
    assert [row["label"] for row in values(tmp_path, "a.csv", decimal=",")] == ["-1.5", ".5", "1.2e3", "3", "a,b"]
    assert values(tmp_path, "a.csv", decimal=",")[0]["text"] == "1,5"
    assert values(tmp_path, "a.csv")[0]["label"] == "-1,5"


def test_a_point_beside_a_decimal_comma_is_a_bad_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text;label\na;1.500\n")
    (row,) = read(tmp_path, "a.csv", decimal=",")
    assert row.problem == "the column 'label' is '1.500', with a point, but data.decimal is ','"


def test_a_long_cell_is_read(tmp_path: Path) -> None:
    text = "x, " * 100_000
    (tmp_path / "a.csv").write_text(f'text,label\n"{text}",a\n')
    assert values(tmp_path, "a.csv") == [{"text": text, "label": "a"}]


@pytest.mark.parametrize("lead", ["", "\n  "])
def test_a_json_list_named_jsonl_is_read_as_one(lead: str, tmp_path: Path) -> None:
    wanted = [{"text": "a", "label": 1}, {"text": "b", "label": 2}]
    (tmp_path / "a.jsonl").write_text(lead + json.dumps(wanted, indent=1))
    assert values(tmp_path, "a.jsonl") == wanted
    assert notes(tmp_path, "a.jsonl") == ["a.jsonl: is one JSON list, and is read as one"]


def test_json_lines_named_json_are_read_as_lines(tmp_path: Path) -> None:
    wanted = [{"text": "a", "label": 1}, {"text": "b", "label": 2}]
    (tmp_path / "a.json").write_text("".join(json.dumps(row) + "\n" for row in wanted))
    assert values(tmp_path, "a.json") == wanted
    assert notes(tmp_path, "a.json") == ["a.json: has one JSON object per line, and is read so"]


@pytest.mark.parametrize("ending", ["json", "jsonl"])
@pytest.mark.parametrize("bad", ['{"text": "a", "text": "b"}', '{"text": "a", "x": [{"text": 1, "text": 2}]}'])
def test_a_repeated_key_of_json_is_a_bad_row(ending: str, bad: str, tmp_path: Path) -> None:
    rows = ['{"text": "first"}', bad, '{"text": "last"}']
    (tmp_path / f"a.{ending}").write_text("\n".join(rows) if ending == "jsonl" else f"[{', '.join(rows)}]")
    assert [row.problem for row in read(tmp_path, f"a.{ending}")] == [
        None,
        "the key 'text' occurs more than once in an object",
        None,
    ]


def compressed(content: bytes, ending: str) -> bytes:
    codec = pyarrow.Codec("zstd")
    return {"gz": gzip.compress, "bz2": bz2.compress, "zst": lambda raw: codec.compress(raw, asbytes=True)}[ending](
        content
    )


@pytest.mark.parametrize("ending", ["gz", "bz2", "zst"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_compressed_files_of_several_members(ending: str, encoding: str, tmp_path: Path) -> None:
    rows = [{"text": f"größer {number}", "label": "a"} for number in range(30_000)]
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode(encoding)
    half = len(content) // 2
    (tmp_path / f"a.jsonl.{ending}").write_bytes(
        compressed(content[:half], ending) + compressed(content[half:], ending)
    )
    assert values(tmp_path, f"a.jsonl.{ending}") == rows


@pytest.mark.parametrize("ending", ["gz", "bz2", "zst"])
def test_a_compressed_file_that_is_cut_off_is_an_error(ending: str, tmp_path: Path) -> None:
    content = compressed(b"text,label\n" + b"a,b\n" * 50_000, ending)
    (tmp_path / f"a.csv.{ending}").write_bytes(content[:-9])
    assert "is it complete?" in refusal(tmp_path, f"a.csv.{ending}")


def test_only_rows_with_a_value_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,language,part\na,en,1\nb,de,1\nc,en,2\nd,fr,3\n")

    def texts(*conditions: dict[str, object]) -> list[object]:
        given = [Condition.model_validate(condition) for condition in conditions]
        return [row.values["text"] for row in read(tmp_path, "a.csv", where=given)]

    assert texts({"column": "language", "is": "en"}) == ["a", "c"]
    assert texts({"column": "language", "is": ["en", "fr"]}) == ["a", "c", "d"]
    assert texts({"column": "language", "is": "en"}, {"column": "part", "is": 2}) == ["c"]
    with pytest.raises(DataError, match=r"^a\.csv: no row has language 'es' \(data\.where\)$"):
        texts({"column": "language", "is": "es"})
    with pytest.raises(DataError, match=r"no column 'lang' \(did you mean language\?\), which data\.where names"):
        texts({"column": "lang", "is": "en"})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"encoding": "utf8x"}, "encoding: given 'utf8x'"),
        ({"encoding": "rot13"}, "encoding: given 'rot13'"),
        ({"delimiter": "ab"}, "delimiter: given 'ab'"),
        ({"delimiter": '"'}, "delimiter: given"),
        ({"quotes": "none"}, r"quotes: files have no such field \(did you mean quoting\?\)"),
        ({"header": "yes"}, "header: given 'yes'"),
    ],
)
def test_a_wrong_field_is_an_error(fields: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        given_format(fields)


SPEC = "task: text-classification\nmodel: {{pretrained: m}}\ndata: {{train: {train}, {field}}}\n"


@pytest.mark.parametrize(
    ("train", "field", "message"),
    [
        ("a.csv", "query: SELECT 1", "data.query: is for .sqlite, .sqlite3, .db, but the files are .csv: leave it out"),
        ("a.jsonl.gz", 'delimiter: ";"', "data.delimiter: is for .csv, .tsv, but the files are .jsonl: leave it out"),
        (
            "[a.parquet, b.arrow]",
            "header: false",
            "data.header: is for .csv, .tsv, .xlsx, but the files are .arrow, .par",
        ),
        ("a.db", "sheet: one", "data.sheet: is for .xlsx, but the files are .db: leave it out"),
    ],
)
def test_a_field_that_no_file_uses_is_refused(train: str, field: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_spec(SPEC.format(train=train, field=field), "t.yaml")
    assert message in str(caught.value)


@pytest.mark.parametrize("train", ["a.csv", "[a.jsonl, b.tsv.gz]", "owner/hub-name", "part-*"])
def test_a_field_that_a_file_may_use_is_taken(train: str) -> None:
    assert read_spec(SPEC.format(train=train, field='delimiter: ";"'), "t.yaml").data.delimiter == ";"


def test_the_files_of_a_list_and_of_a_pattern_are_moved_with_the_spec(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for name in ("a.csv", "b-1.csv"):
        (tmp_path / name).write_text("text,label\n")
    spec = read_spec(SPEC.format(train='[a.csv, "b-*.csv", hub/name]', field='test: "b-*.csv"'), "t.yaml")
    moved = read_spec(dump_spec(spec, tmp_path, tmp_path / "run"), "t.yaml")
    assert moved.data.train == ["../a.csv", "../b-*.csv", "hub/name"]
    assert moved.data.test == "../b-*.csv"


def test_a_column_may_be_named_by_its_number() -> None:
    spec = read_spec(SPEC.format(train="a.csv", field="header: false, columns: {text: 2, label: '1'}"), "t.yaml")
    assert spec.data.columns == {"text": "2", "label": "1"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_lines_that_end_with_carriage_returns(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes('text,label\ra,x\r"b, c",y'.encode(encoding))
    assert values(tmp_path, "a.csv") == [{"text": "a", "label": "x"}, {"text": "b, c", "label": "y"}]
    assert notes(tmp_path, "a.csv")[-1] == "a.csv: its lines end with carriage returns"


def test_an_encoding_of_escape_sequences_is_not_taken_for_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text,label\n日本語,a\n".encode("iso2022_jp"))
    assert refusal(tmp_path, "a.csv").startswith(
        "a.csv: has escape sequences of ISO 2022: set data.encoding, to iso2022_"
    )
    assert values(tmp_path, "a.csv", encoding="iso2022_jp") == [{"text": "日本語", "label": "a"}]
    assert "\x1b" in str(values(tmp_path, "a.csv", encoding="utf-8")[0]["text"])


def streamed(folder: Path, content: str, **fields: Any) -> list[Row]:
    (folder / "stdin").write_text(content)
    return list(stream_reader(folder / "stdin", "standard input", "tsv", TableFormat(**fields)).rows([]))


def test_a_quote_over_lines_that_could_be_rows_stops_a_stream(tmp_path: Path) -> None:
    content = 'text\tlabel\none\ta\n"two\tb\nthree"\ta\n'
    with pytest.raises(
        DataError, match=r"^standard input:3: a quote makes one row of lines 3 to 4, each of which could"
    ):
        streamed(tmp_path, content)
    assert [len(streamed(tmp_path, content, quoting=choice)) for choice in ("standard", "none")] == [2, 3]
    assert streamed(tmp_path, 'text\tlabel\n"one\ntwo"\ta\n')[0].values == {"text": "one\ntwo", "label": "a"}
