"""The scripts beside the suites: generated rows, memory by rows, and the page of everything."""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ftcore.models import matmul_shapes
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.spec.reading import load_spec
from tests.bench.by_hand import MACHINE, measured, results_of

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(name)


@pytest.mark.parametrize("length", [32, 512])
def test_generated_texts_have_the_tokens_that_were_asked_for(
    length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = length - script("generated", monkeypatch).SPECIAL_TOKENS
    path = script("generated", monkeypatch).write_spec(tmp_path / "spec.yaml", 64, words, words, length)
    bound = bind(load_spec(path), tmp_path, Silent())
    assert set(bound.data.train.lengths.tolist()) == {length}
    assert len(bound.data.labels) == 10
    assert matmul_shapes(bound.network.model.network, 7)[0] == (7, 384, 1536)


@pytest.mark.slow
def test_rows_are_read_once_and_then_found(monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = script("rows", monkeypatch).measure(3000)
    assert (first["rows"], first["cached"], again["cached"]) == (3000, False, True)
    assert again["seconds_to_read"] < first["seconds_to_read"]
    for row in (first, again):
        assert 2**24 < row["peak_anonymous_memory_reading_bytes"] <= row["peak_anonymous_memory_bytes"]
        assert row["peak_anonymous_memory_bytes"] < row["peak_memory_bytes"] < 2**30


def test_the_page_is_made_of_every_results_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = script("page", monkeypatch)
    monkeypatch.setattr(page, "RESULTS", tmp_path)
    monkeypatch.setattr(page, "PAGE", tmp_path / "speed.md")
    with pytest.raises(SystemExit, match="holds no results yet"):
        page.main()
    results = results_of([{"a": measured("a", [1.0, 0.1]), "b": measured("b", [1.0, 0.2])}], [1e11], title="A suite")
    row = {
        "rows": 1000,
        "cached": False,
        "seconds_to_read": 1.5,
        "batched_examples_per_second": 12345.0,
        "peak_anonymous_memory_bytes": 2**26,
        "peak_memory_bytes": 2**27,
    }
    rows = {
        "machine": MACHINE,
        "goal": 1.2,
        "memory_ratio": 1.1,
        "trained": {"10000": 2**30, "1000000": 1.1 * 2**30},
        "rows": [row],
    }
    for name, content in {
        "banking77-speed": results.to_json(),
        "lengths": {"32": results.to_json()},
        "modes": results.to_json(),
        "profile": {"backends": {"one": {"products": 0.7, "operations": [["MatMul", 0.6], ["Add", 0.1]]}}},
        "rows": rows,
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    page.main()
    text = (tmp_path / "speed.md").read_text()
    assert "## A suite" in text
    assert "## Ways of compiling a step" in text
    assert "one: matrix products 0.70" in text
    assert "| MatMul | 0.600 |" in text
    assert "| 32 | a | 4,000 (4,000 to 4,000) | 0.60 (0.60 to 0.60) | 512 MiB |" in text
    assert "| 1,000 | first time | 1.5 s | 12,345 | 64 MiB | 128 MiB |" in text
    assert "of 1.00 GiB at 10,000 rows, 1.10 GiB at 1,000,000 rows: 1.10 times (goal at most 1.2: met)" in text
    assert (tmp_path / "speed-banking77-speed.svg").is_file()
