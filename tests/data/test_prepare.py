"""From a spec's data part to data sets: labels, splits, reports, the cache."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from data_files import EXAMPLES, model_folder, prepare_in, write_csv, write_jsonl

from ftcore.data import data_statistics
from ftcore.data.sources import Source
from ftcore.errors import DataError
from ftcore.inputs.tokens import tokenising
from ftcore.tasks import TASKS
from ftcore.text.tokenizer import Tokenizer
from tests.preparing import DataSpec, prepare, prepare_evaluation, prepare_inputs

MANY = [{"text": f"text number {row}", "label": row % 3} for row in range(60)]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["10", "9", "-1"], ["-1", "9", "10"]),
        ([10, 9, 2], ["2", "9", "10"]),
        (["b", "B", "a"], ["B", "a", "b"]),
        ([True, False], ["False", "True"]),
        (["10", "x", "9"], ["10", "9", "x"]),
    ],
)
def test_order_of_labels_does_not_depend_on_rows(
    values: list[Any], labels: list[str], tmp_path: Path, tokenizer: Tokenizer
) -> None:
    for order in (values, values[::-1]):
        write_jsonl(tmp_path / "a.jsonl", [{"text": "x", "label": value} for value in order])
        data = prepare_in(tmp_path, tokenizer, train="a.jsonl")
        assert data.labels == labels
        assert [data.labels[code] for code in data.train.targets] == [str(value) for value in order]


def test_given_labels_keep_their_order_and_may_be_unused(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "a.jsonl", EXAMPLES)
    data = prepare_in(tmp_path, tokenizer, train="a.jsonl", labels=["unused", "other", "card"])
    assert data.labels == ["unused", "other", "card"]
    assert data.train.targets.tolist() == [2, 1, 1, 2, 2]
    assert data.reports["train"].per_label == {"unused": 0, "other": 2, "card": 3}


def test_other_files_use_the_labels_of_train(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "train.jsonl", EXAMPLES)
    write_csv(tmp_path / "test.csv", [{"text": "x", "label": "other"}])
    data = prepare_in(tmp_path, tokenizer, train="train.jsonl", test="test.csv")
    assert data.test is not None
    assert data.test.targets.tolist() == [1]


@pytest.mark.parametrize("form", ["list", "text"])
def test_several_labels(form: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    sets: list[list[str]] = [["b", "a"], [], ["c"]]
    rows = [{"text": "x", "labels": value if form == "list" else "|".join(value)} for value in sets]
    (write_jsonl if form == "list" else write_csv)(tmp_path / "a.data", rows)
    (tmp_path / "a.data").rename(tmp_path / ("a.jsonl" if form == "list" else "a.csv"))
    train = "a.jsonl" if form == "list" else "a.csv"
    data = prepare_in(tmp_path, tokenizer, "multi-label-classification", train=train)
    assert data.labels == ["a", "b", "c"]
    assert data.train.targets.tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert data.reports["train"].per_label == {"a": 1, "b": 1, "c": 1}


def test_no_row_with_a_label(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"text": "x", "labels": []}])
    with pytest.raises(DataError, match=r"^a\.jsonl: no row has a label"):
        prepare_in(tmp_path, tokenizer, "multi-label-classification", train="a.jsonl")


def test_numbers_as_text_and_as_numbers(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_csv(tmp_path / "a.csv", [{"text": "x", "score": "4.5"}, {"text": "y", "score": "-1e3"}])
    data = prepare_in(tmp_path, tokenizer, "text-regression", train="a.csv", columns={"label": "score"})
    assert data.train.targets.tolist() == [[4.5], [-1000.0]]
    assert (data.labels, data.reports["train"].per_label) == ([], {})


def test_columns_choose_among_the_forms(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"text": "t", "text_a": "a", "text_b": "b", "l": value} for value in "xy"])
    one = prepare_in(tmp_path, tokenizer, train="a.jsonl", columns={"text": "text_b", "label": "l"})
    two = prepare_in(tmp_path, tokenizer, train="a.jsonl", columns={"text_a": "text", "text_b": "text_a", "label": "l"})
    assert one.train.lengths.tolist() == [3, 3]
    assert two.train.lengths.tolist() == [5, 5]


def test_fractions_of_train(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "a.jsonl", MANY)
    data = prepare_in(tmp_path, tokenizer, train="a.jsonl", validation=0.2, test=0.1)
    assert data.validation is not None
    assert data.test is not None
    assert [len(data.train), len(data.validation), len(data.test)] == [42, 12, 6]
    assert list(data.reports) == ["train", "validation", "test"]
    assert data.overlap == {"train/validation": 0, "train/test": 0, "validation/test": 0}
    assert data.reports["validation"].per_label == {"0": 4, "1": 4, "2": 4}
    assert data.reports["test"].per_label == {"0": 2, "1": 2, "2": 2}
    again = prepare_in(tmp_path, tokenizer, train="a.jsonl", validation=0.2, test=0.1)
    other = prepare_in(tmp_path, tokenizer, train="a.jsonl", validation=0.2, test=0.1, seed=1)
    ids = np.arange(12)
    tokens = [
        found.validation.batch(ids).inputs["input_ids"].tobytes() for found in (data, again, other) if found.validation
    ]
    assert tokens[0] == tokens[1] != tokens[2]


def test_a_test_file_does_not_change_what_validation_holds_out(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "a.jsonl", MANY)
    write_jsonl(tmp_path / "b.jsonl", MANY[:5])
    alone = prepare_in(tmp_path, tokenizer, train="a.jsonl", validation=0.2)
    beside = prepare_in(tmp_path, tokenizer, train="a.jsonl", validation=0.2, test="b.jsonl")
    assert alone.train.targets.tolist() == beside.train.targets.tolist()
    assert beside.overlap["train/test"] + beside.overlap["validation/test"] == 5


def test_reports(tmp_path: Path, tokenizer: Tokenizer) -> None:
    long = "long " * 100
    write_jsonl(
        tmp_path / "a.jsonl", [{"text": text, "label": "x"} for text in ("one", "one", long, "two")] + [EXAMPLES[0]]
    )
    write_jsonl(tmp_path / "b.jsonl", [{"text": text, "label": "x"} for text in ("one", "three", "one", "one ")])
    data = prepare_in(tmp_path, tokenizer, train="a.jsonl", test="b.jsonl")
    report = data.reports["train"]
    assert (report.rows, report.duplicates, report.truncated, report.rejected_rows) == (5, 1, 1, 0)
    assert report.tokens == 3 + 3 + 32 + 3 + 7
    assert report.per_label == {"card": 1, "x": 4}
    assert data.overlap == {"train/test": 2}
    found = json.loads(json.dumps(data_statistics(data)))
    assert found["splits"]["train"]["truncated_share"] == 0.2
    assert found["overlap"] == {"train/test": 2}


def test_files_are_named_as_in_the_spec_with_their_hash(tmp_path: Path, tokenizer: Tokenizer) -> None:
    import hashlib

    write_jsonl(tmp_path / "a.jsonl", EXAMPLES)
    data = prepare_in(tmp_path, tokenizer, train="./a.jsonl")
    assert data.files == {"./a.jsonl": hashlib.sha256((tmp_path / "a.jsonl").read_bytes()).hexdigest()}


def test_notes_for_the_user(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(
        tmp_path / "a.jsonl",
        [*EXAMPLES, EXAMPLES[0], {"text": "", "label": "card"}, {"text": "x " * 99, "label": "card"}],
    )
    said: list[str] = []
    spec = DataSpec(train="a.jsonl", on_bad_row="skip")
    prepare(spec, TASKS["text-classification"], tokenizer, tmp_path, 0, said.append)
    assert len(said) == 1
    assert said[0].startswith("train: 7 rows, ")
    assert said[0].endswith(" tokens, 1 cut to max_length, 1 duplicates, 1 bad rows left out")


class TestCache:
    """A file is read once, and again when anything that decides the result has changed."""

    @pytest.fixture
    def reads(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The names of the files whose rows are read."""
        found: list[str] = []
        written = tokenising._Pass.write

        def write(one_pass: tokenising._Pass, folder: Path, notify: tokenising.Notify) -> None:
            found.append(one_pass._source.name)
            written(one_pass, folder, notify)

        monkeypatch.setattr(tokenising._Pass, "write", write)
        return found

    def test_second_time_rows_are_not_read(self, reads: list[str], tmp_path: Path, tokenizer: Tokenizer) -> None:
        write_jsonl(tmp_path / "a.jsonl", EXAMPLES)
        first = prepare_in(tmp_path, tokenizer, train="a.jsonl")
        second = prepare_in(tmp_path, tokenizer, train="a.jsonl")
        assert reads == ["a.jsonl"]
        assert first.reports == second.reports
        assert first.labels == second.labels
        ids = np.arange(5)
        for name, array in first.train.batch(ids).inputs.items():
            np.testing.assert_array_equal(second.train.batch(ids).inputs[name], array)

    def test_the_same_content_elsewhere_is_found(self, reads: list[str], tmp_path: Path, tokenizer: Tokenizer) -> None:
        for name in ("a.jsonl", "b.jsonl"):
            write_jsonl(tmp_path / name, [*EXAMPLES, {"text": ""}])
        prepare_in(tmp_path, tokenizer, train="a.jsonl", on_bad_row="skip")
        data = prepare_in(tmp_path, tokenizer, train="b.jsonl", on_bad_row="skip")
        assert reads == ["a.jsonl"]
        assert str(data.reports["train"].rejected[0]) == "b.jsonl:6: row 6: the text is empty"
        assert data.rejected_file is not None
        assert json.loads(data.rejected_file.read_text())["file"] == "b.jsonl"

    @pytest.mark.parametrize(
        "change",
        [
            {"labels": ["other", "card"]},
            {"on_bad_row": "skip"},
            {"columns": {"text": "text"}},
        ],
    )
    def test_another_spec_is_read_again(
        self, change: dict[str, Any], reads: list[str], tmp_path: Path, tokenizer: Tokenizer
    ) -> None:
        write_jsonl(tmp_path / "a.jsonl", EXAMPLES)
        prepare_in(tmp_path, tokenizer, train="a.jsonl")
        prepare_in(tmp_path, tokenizer, train="a.jsonl", **change)
        assert len(reads) == 2

    @pytest.mark.parametrize(
        "change",
        [
            lambda folder: write_jsonl(folder / "a.jsonl", EXAMPLES[1:]),
            lambda folder: write_jsonl(folder / "a.jsonl", [*EXAMPLES[:-1], {"text": "X", "label": "card"}]),
        ],
    )
    def test_other_content_is_read_again(
        self, change: Callable[[Path], None], reads: list[str], tmp_path: Path, tokenizer: Tokenizer
    ) -> None:
        write_jsonl(tmp_path / "a.jsonl", EXAMPLES)
        prepare_in(tmp_path, tokenizer, train="a.jsonl")
        change(tmp_path)
        prepare_in(tmp_path, tokenizer, train="a.jsonl")
        assert len(reads) == 2

    def test_another_tokenizer_or_length_is_read_again(
        self, reads: list[str], tmp_path: Path, tokenizer: Tokenizer
    ) -> None:
        write_jsonl(tmp_path / "a.jsonl", EXAMPLES)
        prepare_in(tmp_path, tokenizer, train="a.jsonl")
        data = prepare_in(tmp_path, Tokenizer.load(model_folder(), 5), train="a.jsonl")
        assert len(reads) == 2
        assert data.train.lengths.max() == 5

    def test_a_damaged_entry_is_built_again(
        self, reads: list[str], cache: Path, tmp_path: Path, tokenizer: Tokenizer
    ) -> None:
        write_jsonl(tmp_path / "a.jsonl", EXAMPLES)
        expected = prepare_in(tmp_path, tokenizer, train="a.jsonl").reports
        for damage in (
            lambda path: path.write_bytes(path.read_bytes()[:-4]) if path.name == "ids.bin" else None,
            lambda path: path.unlink() if path.name == "about.json" else None,
            lambda path: path.write_bytes(b"") if path.name == "targets.npy" else None,
        ):
            for path in [path for path in cache.rglob("*") if path.is_file()]:
                damage(path)
            assert prepare_in(tmp_path, tokenizer, train="a.jsonl").reports == expected
        assert len(reads) == 4

    def test_nothing_is_left_of_a_pass_that_failed(self, cache: Path, tmp_path: Path, tokenizer: Tokenizer) -> None:
        write_jsonl(tmp_path / "a.jsonl", [*EXAMPLES, {"text": "x"}])
        with pytest.raises(DataError):
            prepare_in(tmp_path, tokenizer, train="a.jsonl")
        assert list(cache.iterdir()) == []

    def test_arrays_are_mapped_and_not_loaded(self, cache: Path, tmp_path: Path, tokenizer: Tokenizer) -> None:
        from ftcore.inputs.tokens.store import open_stored

        write_jsonl(tmp_path / "a.jsonl", EXAMPLES)
        prepare_in(tmp_path, tokenizer, train="a.jsonl")
        arrays = open_stored(next(cache.iterdir())).arrays
        assert isinstance(arrays.ids, np.memmap)
        assert isinstance(arrays.targets, np.memmap)


def test_chunks_of_any_size_give_the_same(
    tmp_path: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_jsonl(tmp_path / "a.jsonl", MANY)
    found = []
    for chunk in (1, 7, 60, 4096):
        monkeypatch.setattr(tokenising, "CHUNK", chunk)
        monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / str(chunk)))
        batch = prepare_in(tmp_path, tokenizer, train="a.jsonl").train.batch(np.arange(60))
        found.append(batch.inputs["input_ids"].tobytes())
    assert len(set(found)) == 1


@pytest.mark.slow
def test_rows_are_not_held(tmp_path: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    import tracemalloc

    peaks = []
    monkeypatch.setattr(tokenising, "CHUNK", 256)
    for count in (2_000, 20_000):
        write_jsonl(tmp_path / f"{count}.jsonl", [{"text": f"text {row}", "label": row % 2} for row in range(count)])
        tracemalloc.start()
        prepare_in(tmp_path, tokenizer, train=f"{count}.jsonl")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # 18,000 rows as Python objects would be above 300 bytes a row; the arrays are below 100
    assert (peaks[1] - peaks[0]) / 18_000 < 100


def test_inputs_need_no_target_and_ignore_one(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"text": "one", "label": None}, {"text": "two words", "label": 7}])
    dataset = prepare_inputs("a.jsonl", {"label": "not there"}, "joint", tokenizer, tmp_path)
    batch = dataset.batch(np.asarray([0, 1]))
    assert (len(dataset), dataset.lengths.tolist(), batch.targets, dataset.targets.shape) == (2, [3, 4], {}, (0,))
    assert dataset.subset(np.asarray([1])).targets.shape == (0,)


def test_bad_input_row_stops(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"text": "one"}, {"text": None}])
    with pytest.raises(DataError, match=r"^a\.jsonl:2: row 2: the text is missing$"):
        prepare_inputs("a.jsonl", {}, "joint", tokenizer, tmp_path)


def test_evaluation_takes_the_labels_of_the_model(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"text": "one", "label": "b"}])
    spec, task = DataSpec(train="a.jsonl"), TASKS["text-classification"]
    dataset = prepare_evaluation("a.jsonl", spec, task, ["a", "b"], tokenizer, tmp_path)
    assert dataset.targets.tolist() == [1]
    with pytest.raises(DataError, match=r"^a\.jsonl:1: row 1: unknown label 'b'; known: "):
        prepare_evaluation("a.jsonl", spec, task, ["a", "c"], tokenizer, tmp_path)


def test_source_hash_of_a_saved_folder_is_that_of_its_content(tmp_path: Path) -> None:
    from ftcore.data.sources import open_source

    def saved(name: str, rows: list[dict[str, Any]]) -> Source:
        datasets.Dataset.from_list(rows).save_to_disk(str(tmp_path / name))
        return open_source(name, tmp_path)

    assert saved("a", EXAMPLES[:2]).sha256() != saved("b", EXAMPLES[:3]).sha256()
    assert saved("c", EXAMPLES[:2]).sha256() == open_source("c", tmp_path).sha256()


@pytest.mark.parametrize("ending", ["jsonl", "saved"])
def test_no_framework_is_imported(ending: str, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", EXAMPLES)
    datasets.Dataset.from_list(list(EXAMPLES)).save_to_disk(str(tmp_path / "a.saved"))
    code = f"""
import sys
from pathlib import Path
from tests.preparing import prepare_inputs
from ftcore.text.tokenizer import Tokenizer
prepare_inputs("a.{ending}", {{}}, "joint", Tokenizer.load(Path({str(model_folder())!r}), 16), Path({str(tmp_path)!r}))
print(sorted({{"torch", "tensorflow", "keras", "jax", "transformers"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ.copy()
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.mark.realdata
def test_banking77(tokenizer: Tokenizer) -> None:
    shared = Path(__file__).parents[3] / "shared" / "data"
    data = prepare_in(shared, tokenizer, train="banking77/train.jsonl", validation=0.1, test="banking77/test.jsonl")
    assert data.validation is not None
    assert data.test is not None
    assert [len(data.train), len(data.validation), len(data.test)] == [9003, 1000, 3080]
    labels = json.loads((shared / "banking77" / "labels.json").read_text())
    assert data.labels == sorted(labels)
    assert set(data.reports["test"].per_label.values()) == {40}
