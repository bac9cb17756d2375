"""Rows that go into predict and rows that come out of it are equal in number, whatever the file."""

import importlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftcore.data import TableFormat
from ftcore.errors import DataError
from ftcore.prediction import load_predictor, predictions_of_data
from ftcore.runs import Device
from tests import tiny

ROOT = Path(__file__).parents[2]
FILES = 60
Predict = Callable[[Path, Mapping[str, Any]], list[dict[str, Any]]]
JUNK = st.text(st.sampled_from(list('ab ,;\t|"\\\n\r{}[]:é')), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def predict(tmp_path_factory: pytest.TempPathFactory) -> Predict:
    import torch
    import transformers

    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(tiny.VOCABULARY),
        hidden_size=4,
        intermediate_size=4,
        num_hidden_layers=1,
        num_attention_heads=1,
        max_position_embeddings=8,
        num_labels=2,
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    predictor = load_predictor(folder, Device("torch", threads=1))

    def predicted(path: Path, told: Mapping[str, Any]) -> list[dict[str, Any]]:
        reading = replace(predictor, format=TableFormat(**told))
        return list(itertools.chain.from_iterable(predictions_of_data(reading, str(path), "jsonl", [], "skip")))

    return predicted


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("tabular_files")


def test_files_that_pandas_writes(predict: Predict, files: ModuleType, tmp_path: Path) -> None:
    counted = 0
    for seed in range(20_000, 20_000 + FILES):
        case = files.make(files.random.Random(seed), tmp_path)
        if case.told is not None and "header" not in case.told:
            assert len(predict(case.path, case.told)) == len(case.wanted), case.name
        try:
            found = predict(case.path, {})
        except DataError:
            continue
        counted += 1
        assert len(found) == len(case.wanted), case.name
    assert counted > FILES / 3


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(JUNK.map(lambda text: text.replace("\n", " ").replace("\r", " ")), min_size=1, max_size=8))
def test_any_lines_without_quoting(predict: Predict, tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "a.tsv").write_text("\n".join(["text\tnote", *lines]) + "\n", newline="")
    found = predict(tmp_path / "a.tsv", {"quoting": "none", "delimiter": "\t"})
    assert len(found) == len(lines)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.sampled_from(['{"text": "red dog"}', '{"text": 1}', "{}", "[1]", '{"text', '"', "null", "é"])))
def test_any_json_lines(predict: Predict, tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(['{"text": "red"}', *lines]), newline="")
    assert len(predict(tmp_path / "a.jsonl", {})) == len(lines) + 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=JUNK)
def test_a_file_is_never_read_with_fewer_rows_than_lines_unless_it_could_only_be(
    predict: Predict, tmp_path: Path, junk: str
) -> None:
    """Told nothing, ftcore makes one row of several lines only where they cannot all be rows."""
    (tmp_path / "a.tsv").write_text(f"text\tnote\nred\tdog\n{junk}\nblue\tcat\n", newline="")
    try:
        found = predict(tmp_path / "a.tsv", {})
    except DataError:
        return
    lines = [line for line in f"{junk}".split("\n") if line.strip("\r")]
    if all(line.rstrip("\r").count("\t") == 1 and "\r" not in line.rstrip("\r") for line in lines):
        assert len(found) == len(lines) + 2
