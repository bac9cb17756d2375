"""A data file that cannot be used is one clear line."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import datasets
import pyarrow
import pyarrow.parquet
import pytest
from data_files import EXAMPLES, prepare_in, write_csv, write_jsonl

from ftcore.errors import DataError
from ftcore.text.tokenizer import Tokenizer


def refusal(folder: Path, tokenizer: Tokenizer, train: str, **data: object) -> str:
    with pytest.raises(DataError) as caught:
        prepare_in(folder, tokenizer, train=train, **data)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(train)
    return text


CONTENT: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.jsonl", b"", "a.jsonl: is empty"),
    "blank lines only": ("a.jsonl", b"\n \n", "a.jsonl: has no rows"),
    "header only": ("a.csv", b"text,label\n", "a.csv: has no rows"),
    "empty list": ("a.json", b"[]", "a.json: has no rows"),
    "duplicate column": (
        "a.csv",
        b"text,label,text\na,b,c\n",
        "a.csv:1: the column 'text' occurs more than once: rename one of them",
    ),
    "json that is no list": (
        "a.json",
        b'{\n "text": ["a", "b"]\n}\n',
        "a.json: is not a list of JSON objects (name a file of JSON lines .jsonl)",
    ),
    "json cut off between rows": (
        "a.json",
        b'[{"text": "a"}',
        "a.json: after row 1: the file ends instead of ',' or ']'",
    ),
    "json cut off inside a row": ("a.json", b'[{"text": "a"}, {"tex', "a.json: row 2: invalid JSON: Unterminated"),
    "json with a comma missing": ("a.json", b'[{"text": "a"} {"text": "b"}]', "a.json: after row 1: '{' instead of"),
    "json with more after the list": (
        "a.json",
        b'[{"text": "a"}] x',
        "a.json: there is more text after the end of the list",
    ),
    "json in latin-1": ("a.json", '[{"text": "é"}]'.encode("latin-1"), "a.json: not UTF-8: byte 0xe9"),
    "binary": (
        "a.jsonl",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "a.jsonl: is not a text file: there is a NUL byte",
    ),
    "utf-16 without a byte-order mark": (
        "a.csv",
        "text,label\na,b\n".encode("utf-16-le"),
        "a.csv: is not a text file: there is a NUL byte at byte 1 (for UTF-16 without a byte-order mark, set data",
    ),
    "gzip named csv": ("a.csv", gzip.compress(b"text"), "a.csv: is compressed with gzip: let its name end with .gz"),
    "truncated gzip": ("a.csv.gz", gzip.compress(b"text")[:-6], "a.csv.gz: cannot be read as gzip; is it complete?"),
    "gzip of an unknown kind": ("a.txt.gz", b"x", "a.txt.gz: the ending '.txt.gz' is not known; allowed: .csv, .tsv"),
    "excel that is text": ("a.xlsx", b"text", "a.xlsx: cannot be read as an Excel file; is it complete?"),
    "sqlite that is text": ("a.db", b"text" * 99, "a.db: cannot be read as an SQLite database: file is not a database"),
    "latin-1 header": ("a.csv", "text,catégorie\na,b\n".encode("latin-1"), "a.csv:1: the header: not UTF-8: byte 0xe9"),
    "unclosed header": ("a.csv", b'"text,label\na,b\n', "a.csv:1: the header: a quote is opened and never closed"),
    "truncated parquet": ("a.parquet", b"PAR1\x15\x00", "a.parquet: cannot be read as Parquet; is it complete?"),
    "parquet that is text": (
        "a.parquet",
        b"text,label\n" * 20,
        "a.parquet: cannot be read as Parquet; is it complete?",
    ),
    "arrow that is text": ("a.arrow", b"text,label\n" * 20, "a.arrow: cannot be read as Arrow; is it complete?"),
    "unknown ending": (
        "a.jsonlines",
        b"{}",
        "a.jsonlines: the ending '.jsonlines' is not known (did you mean .jsonl?); a",
    ),
    "no ending": (
        "data",
        b"{}",
        "data: the ending '' is not known; allowed: .csv, .tsv, .jsonl, .json, .conll, .conllu (also with .gz, .bz2,",
    ),
    "missing text column": (
        "a.jsonl",
        b'{"txt": "a", "label": "x"}\n',
        "a.jsonl: there is no column 'text' (did you mean txt?); its columns are txt, label: set data.columns.text",
    ),
    "missing label column": (
        "a.csv",
        b"text,labels\na,x\n",
        "a.csv: there is no column 'label' (did you mean labels?); its columns are text, labels: set data.columns",
    ),
    "one text and two": (
        "a.csv",
        b"text,text_a,text_b,label\na,b,c,d\n",
        "a.csv: has text, and text_a and text_b: choose in data.columns which to read",
    ),
    "one class": ("a.csv", b"text,label\na,x\nb,x\n", "a.csv: every row has the label 'x'"),
}


@pytest.mark.parametrize("kind", CONTENT)
def test_bad_content(kind: str, tmp_path: Path, tokenizer: Tokenizer, cache: Path) -> None:
    name, content, expected = CONTENT[kind]
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path, tokenizer, name).startswith(expected)
    if kind != "one class":
        assert list(cache.iterdir()) == []


def test_absent_file_names_its_neighbour(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "train.jsonl", EXAMPLES)
    text = refusal(tmp_path, tokenizer, "trian.jsonl")
    assert text == (
        f"trian.jsonl: there is no such file (did you mean train.jsonl?); looked for {tmp_path / 'trian.jsonl'}"
    )


def test_absent_folder(tmp_path: Path, tokenizer: Tokenizer) -> None:
    assert "there is no such file; looked for" in refusal(tmp_path, tokenizer, "nowhere/train.jsonl")


def test_path_through_a_file(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "a.jsonl").write_text("{}")
    assert "there is no such file" in refusal(tmp_path, tokenizer, "a.jsonl/b.jsonl")


def test_folder(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "train.jsonl").mkdir()
    text = refusal(tmp_path, tokenizer, "train.jsonl")
    assert text == "train.jsonl: is a folder, and not one that `datasets` saved: give a file in it"


def test_saved_folder_with_several_splits(tmp_path: Path, tokenizer: Tokenizer) -> None:
    split = datasets.Dataset.from_list(list(EXAMPLES))
    datasets.DatasetDict(train=split, test=split).save_to_disk(str(tmp_path / "saved"))
    text = refusal(tmp_path, tokenizer, "saved")
    assert text == "saved: has several splits: give one of saved/train, saved/test"


def test_saved_folder_that_is_not_whole(tmp_path: Path, tokenizer: Tokenizer) -> None:
    datasets.Dataset.from_list(list(EXAMPLES)).save_to_disk(str(tmp_path / "saved"))
    (tmp_path / "saved" / "dataset_info.json").unlink()
    assert "saved: cannot be read as a saved data set" in refusal(tmp_path, tokenizer, "saved")


def test_special_file(tmp_path: Path, tokenizer: Tokenizer) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    assert refusal(tmp_path, tokenizer, "a.jsonl") == "a.jsonl: is neither a file nor a folder"


def test_link_to_itself(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "a.jsonl").symlink_to(tmp_path / "a.jsonl")
    assert refusal(tmp_path, tokenizer, "a.jsonl").startswith("a.jsonl: cannot be read: Too many levels")


@pytest.fixture
def unreadable(tmp_path: Path) -> Iterator[Path]:
    """A folder with a file that may not be read; root may read everything, so be somebody else for a while."""
    write_jsonl(tmp_path / "a.jsonl", EXAMPLES)
    (tmp_path / "a.jsonl").chmod(0)
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield tmp_path
    os.seteuid(before)


def test_no_permission(unreadable: Path, tokenizer: Tokenizer) -> None:
    assert refusal(unreadable, tokenizer, "a.jsonl") == "a.jsonl: cannot be read: Permission denied"


def test_name_with_a_nul(tmp_path: Path, tokenizer: Tokenizer) -> None:
    assert "cannot be read" in refusal(tmp_path, tokenizer, "a\0.jsonl")


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_parquet_cut_off(cut: float, tmp_path: Path, tokenizer: Tokenizer) -> None:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(EXAMPLES) * 50), tmp_path / "whole.parquet")
    content = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(content[: int(len(content) * cut)])
    assert "a.parquet: cannot be read as Parquet; is it complete?" in refusal(tmp_path, tokenizer, "a.parquet")


def test_parquet_damaged_inside(tmp_path: Path, tokenizer: Tokenizer) -> None:
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(EXAMPLES) * 50), path, use_dictionary=False)
    content = bytearray(path.read_bytes())
    content[20:80] = b"\xff" * 60
    path.write_bytes(content)
    assert "a.parquet: cannot be read as Parquet; is it complete?" in refusal(tmp_path, tokenizer, "a.parquet")


def test_duplicate_column_of_arrow(tmp_path: Path, tokenizer: Tokenizer) -> None:
    table = pyarrow.Table.from_arrays([pyarrow.array(["a"])] * 2, names=["text", "text"])
    with pyarrow.ipc.new_file(str(tmp_path / "a.arrow"), table.schema) as writer:
        writer.write_table(table)
    assert "the column 'text' occurs more than once" in refusal(tmp_path, tokenizer, "a.arrow")


def test_separate_pair_of_one_text(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_csv(tmp_path / "a.csv", EXAMPLES)
    text = refusal(tmp_path, tokenizer, "a.csv", pair="separate")
    assert text.startswith("a.csv: there is no column 'text_a' (did you mean text?)")
    assert text.endswith("(data.pair: separate needs two texts)")


def test_columns_of_another_file_differ(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_csv(tmp_path / "a.csv", EXAMPLES)
    write_csv(tmp_path / "b.csv", [{"text_a": "a", "text_b": "b", "label": "card"}])
    with pytest.raises(DataError, match=r"^b\.csv: there is no column 'text' \(did you mean text_b\?\)"):
        prepare_in(tmp_path, tokenizer, train="a.csv", test="b.csv")


@pytest.mark.parametrize("name", ["nobody/nothing:train", "nothing", "nobody/nothing/config:test"])
def test_hub_name_out_of_reach(name: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    text = refusal(tmp_path, tokenizer, name)
    assert f"{name}: there is no file {tmp_path / name}, and as a name on the hub it cannot be loaded: " in text


def test_cache_that_cannot_be_written(tmp_path: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    write_csv(tmp_path / "a.csv", EXAMPLES)
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "a.csv" / "cache"))
    with pytest.raises(DataError, match=r"the cache folder .* cannot be written .*: set FTCORE_CACHE"):
        prepare_in(tmp_path, tokenizer, train="a.csv")
