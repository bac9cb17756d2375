"""Folders and files are whole or absent, and JSON of the user's is read with errors of one line."""

from pathlib import Path

import pytest

from ftcore.errors import DataError, FtcoreError, ModelError
from ftcore.files import found_or_built, read_object, read_value, replacing, replacing_folder


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def fail_after_a_part(path: Path) -> None:
    path.write_bytes(b"1")
    path.write_text("\u00e9", encoding="ascii")


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    with replacing_folder(tmp_path / "a" / "b") as partial:
        (partial / "new").write_text("1")
        assert not (tmp_path / "a" / "b").exists()
    assert content(tmp_path / "a" / "b") == {"new": "1"}
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_a_folder_takes_the_place_of_another_whole(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "old").write_text("0")
    with replacing_folder(tmp_path / "b") as partial:
        (partial / "new").write_text("1")
        assert content(tmp_path / "b") == {"old": "0"}
    assert content(tmp_path / "b") == {"new": "1"}
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize("there", [True, False])
def test_a_failure_leaves_what_was_there(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / "old").write_text("0")
    with pytest.raises(UnicodeEncodeError), replacing_folder(tmp_path / "b") as partial:
        fail_after_a_part(partial / "new")
    assert [path.name for path in tmp_path.iterdir()] == (["b"] if there else [])
    assert not there or content(tmp_path / "b") == {"old": "0"}


def test_a_file_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("0")
    with pytest.raises(UnicodeEncodeError), replacing(tmp_path / "a") as partial:
        fail_after_a_part(partial)
    assert content(tmp_path) == {"a": "0"}


def test_of_two_builders_the_first_gives_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path))

    def build(folder: Path) -> None:
        found_or_built("key", lambda _: None, lambda _: None)
        (tmp_path / "key" / "who").write_text("first")
        (folder / "who").write_text("second")

    assert found_or_built("key", lambda folder: (folder / "who").read_text(), build) == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "is not JSON: Expecting property name"),
        ("[1]", "is not a JSON object but list"),
    ],
)
@pytest.mark.parametrize("error", [ModelError, DataError])
def test_a_wrong_file_is_one_line_that_names_it(
    tmp_path: Path, text: str | None, message: str, error: type[FtcoreError]
) -> None:
    path = tmp_path / "a.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(error, match=message) as raised:
        read_object(path, error)
    assert str(raised.value).startswith(f"{path}: ")
    assert len(str(raised.value).splitlines()) == 1


def test_a_value_need_not_be_an_object(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[1]")
    assert read_value(tmp_path / "a.json") == [1]
