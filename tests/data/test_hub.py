"""A name on the hub, read offline from a cache as the library leaves it behind."""

import json
import shutil
from pathlib import Path

import datasets
import pytest
from data_files import EXAMPLES, prepare_in, write_jsonl

from ftcore.data.sources import rows
from ftcore.errors import DataError
from ftcore.text.tokenizer import Tokenizer


@pytest.fixture(autouse=True)
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of someone/thing, with the configurations default (train, test) and small (train)."""
    cache = tmp_path / "hub"
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", cache)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    write_jsonl(tmp_path / "all.jsonl", EXAMPLES)
    write_jsonl(tmp_path / "one.jsonl", EXAMPLES[:1])
    _remember(cache, "default", {"train": tmp_path / "all.jsonl", "test": tmp_path / "one.jsonl"})
    _remember(cache, "small", {"train": tmp_path / "one.jsonl"})
    return cache


def _remember(cache: Path, configuration: str, files: dict[str, Path]) -> None:
    made = cache / f"made-{configuration}"
    datasets.load_dataset("json", data_files={split: str(path) for split, path in files.items()}, cache_dir=str(made))
    built = next(path.parent for path in made.rglob("dataset_info.json"))
    kept = cache / "someone___thing" / configuration / "0.0.0" / "0123456789abcdef"
    shutil.copytree(built, kept)
    for path in kept.glob("json-*.arrow"):
        path.rename(path.with_name(path.name.replace("json-", "thing-")))
    about = json.loads((kept / "dataset_info.json").read_text())
    about |= {"dataset_name": "thing", "config_name": configuration}
    (kept / "dataset_info.json").write_text(json.dumps(about))


def test_configuration_and_split(tmp_path: Path) -> None:
    assert [dict(row.values) for row in rows("someone/thing/default:train", tmp_path)] == list(EXAMPLES)
    assert len(list(rows("someone/thing/default:test", tmp_path))) == 1


def test_the_only_split_needs_no_name(tmp_path: Path) -> None:
    assert len(list(rows("someone/thing/small", tmp_path))) == 1


def test_several_splits_are_listed(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        list(rows("someone/thing/default", tmp_path))
    assert str(caught.value) == (
        "someone/thing/default: has several splits: give one of someone/thing/default:train, someone/thing/default:test"
    )


@pytest.mark.parametrize("name", ["someone/thing/default:nowhere", "someone/thing/nothing:train", "someone/nothing"])
def test_what_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"as a name on the hub it cannot be loaded: ") as caught:
        list(rows(name, tmp_path))
    assert "\n" not in str(caught.value)


def test_a_run_on_it_is_cached_by_content(tmp_path: Path, tokenizer: Tokenizer) -> None:
    name = "someone/thing/default:train"
    first = prepare_in(tmp_path, tokenizer, train=name, test="someone/thing/default:test")
    assert first.labels == ["card", "other"]
    assert first.files[name] == prepare_in(tmp_path, tokenizer, train=name).files[name]
    assert len(set(first.files.values())) == 2


def test_a_folder_of_the_working_folder_is_no_name_on_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here" / "someone").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(DataError, match=r"^someone: there is no file .*: paths are relative to the spec's folder$"):
        list(rows("someone", tmp_path))


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"it needs the package 'datasets': pip install 'ftcore\[datasets\]'$"):
        list(rows("someone/thing", tmp_path))
