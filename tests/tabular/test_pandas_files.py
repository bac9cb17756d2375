"""A sample of the comparison with pandas in benchmarks/tabular_files.py."""

import importlib
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
FILES = 250


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("tabular_files")


def test_files_that_pandas_writes_are_read_as_pandas_reads_them_or_refused(files: ModuleType, tmp_path: Path) -> None:
    found = [files.check(seed, tmp_path) for seed in range(10_000, 10_000 + FILES)]
    assert [(case.name, blind, told) for case, blind, told in found if not files.is_right(blind, told)] == []
    # Most files of UTF-8 are read without being told anything, and each dialect occurs.
    of_utf8 = Counter(blind for case, blind, _ in found if "utf-8" in case.name)
    assert of_utf8["equal"] > 3 * of_utf8["refused"]
    assert {case.name.rpartition(",")[0] for case, *_ in found} == set(files.DIALECTS)
