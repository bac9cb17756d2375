"""Vectors of texts and of tokens: transformers' hidden states, on every backend, in .npy and Parquet."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ftcore
from ftcore.cli.main import main
from ftcore.contract import discovery as backends
from ftcore.errors import DataError, ModelError, SpecError
from ftcore.files import cache
from ftcore.prediction import chunks
from ftcore.prediction import features as features_module
from tests import tiny

ROWS = 30
TOLERANCE = 2e-5


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama, whose last hidden state has gone through one more norm than the layers before."""
    import torch
    from transformers import LlamaConfig, LlamaModel

    folder = tmp_path_factory.mktemp("decoder")
    fields = {
        "vocab_size": len(tiny.VOCABULARY),
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 32,
        "pad_token_id": 0,
    }
    torch.manual_seed(0)
    LlamaModel(LlamaConfig(**fields)).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    rows = [{"id": number, "text": tiny.text(number)} for number in range(ROWS)]
    Path("a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def states_of(model: Path, layer: int) -> tuple[list[np.ndarray], list[list[str]]]:
    """Return transformers' hidden states of each text alone, and its tokens."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, network = AutoTokenizer.from_pretrained(model), AutoModel.from_pretrained(model).eval()
    states, tokens = [], []
    for number in range(ROWS):
        given = tokenizer(tiny.text(number), return_tensors="pt")
        with torch.no_grad():
            found = network(**given, output_hidden_states=True)
        of_layer = found.last_hidden_state if layer == -1 else found.hidden_states[layer]
        states.append(of_layer[0].numpy())
        tokens.append(tokenizer.convert_ids_to_tokens(given["input_ids"][0]))
    return states, tokens


def assert_close(found: Sequence[np.ndarray], wanted: Sequence[np.ndarray]) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=TOLERANCE)


def read(path: str) -> dict[str, list[Any]]:
    from pyarrow.parquet import read_table

    columns: dict[str, list[Any]] = read_table(path).to_pydict()
    return columns


@pytest.mark.slow
@pytest.mark.parametrize("name", backends.names())
@pytest.mark.parametrize("kind", ["model", "decoder"])
def test_tokens_have_transformers_hidden_states(name: str, kind: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(kind)
    for layer in (-1, 1, 0):
        found = ftcore.features(folder, "a.jsonl", backend=name, pooling="none", layer=layer)
        wanted, _ = states_of(folder, layer)
        assert_close(found, wanted)
        assert len({len(vectors) for vectors in found}) > 3


def test_a_layer_is_pooled(model: Path) -> None:
    poolings = {
        "mean": lambda states: states.mean(axis=0),
        "max": lambda states: states.max(axis=0),
        "cls": lambda states: states[0],
        "last": lambda states: states[-1],
    }
    for layer in (-1, 1):
        states, _ = states_of(model, layer)
        for pooling, pool in poolings.items():
            wanted = [pool(one) for one in states]
            assert_close(ftcore.features(model, "a.jsonl", "torch", pooling, layer=layer), wanted)
            scaled = [vector / np.linalg.norm(vector) for vector in wanted]
            assert_close(ftcore.features(model, "a.jsonl", "torch", pooling, normalize=True, layer=layer), scaled)


def test_the_last_layer_by_its_number_is_the_last(model: Path) -> None:
    last, numbered = (ftcore.features(model, "a.jsonl", "torch", layer=layer) for layer in (-1, 2))
    assert_close(last, numbered)


def test_parquet_has_tokens_vectors_and_kept_columns(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In chunks and parts of any size, which no row notices."""
    monkeypatch.setattr(chunks, "CHUNK", 11)
    monkeypatch.setattr(features_module, "ROWS_PER_TOKEN", 4)
    ftcore.features(model, "a.jsonl", "torch", pooling="none", output="tokens.parquet", keep=["id"])
    columns = read("tokens.parquet")
    assert list(columns) == ["id", "tokens", "vectors"]
    assert columns["id"] == list(range(ROWS))
    states, tokens = states_of(model, -1)
    assert columns["tokens"] == tokens
    assert_close([np.array(vectors) for vectors in columns["vectors"]], states)
    ftcore.features(model, "a.jsonl", "torch", output="rows.parquet")
    pooled = read("rows.parquet")
    assert list(pooled) == ["vector"]
    assert_close([np.array(vector) for vector in pooled["vector"]], [one.mean(axis=0) for one in states])


def test_parquet_has_lists_of_float32(model: Path) -> None:
    import pyarrow
    from pyarrow.parquet import read_schema

    ftcore.features(model, "a.jsonl", "torch", output="rows.parquet")
    ftcore.features(model, "a.jsonl", "torch", pooling="none", output="tokens.parquet")
    vector = pyarrow.list_(pyarrow.float32(), 16)
    assert read_schema("rows.parquet").field("vector").type == vector
    assert read_schema("tokens.parquet").field("vectors").type.value_type == vector


def test_an_array_grows_with_the_chunks(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ftcore.features(model, "a.jsonl", "torch")
    monkeypatch.setattr(chunks, "CHUNK", 7)
    assert ftcore.features(model, "a.jsonl", "torch", output="a.npy") == Path("a.npy")
    written = np.load("a.npy", mmap_mode="r")
    assert written.shape == (ROWS, 16)
    assert written.dtype == np.float32
    assert_close(written, whole)
    assert not cache.cache_folder().exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"pooling": "none", "output": "a.npy"},
            "a.npy: rows have different numbers of tokens, which .npy cannot hold: write .parquet",
        ),
        ({"output": "a.npz"}, "a.npz: the ending '.npz' is not known (did you mean .npy?); allowed: .npy, .parquet"),
        ({"output": "a.npy", "keep": ["id"]}, "a.npy: .npy cannot hold the columns id: write .parquet"),
        ({"keep": ["id"]}, "keep: columns can be kept only in a file: give an output that ends in .parquet"),
        (
            {"output": "a.parquet", "keep": ["vector"]},
            "keep: 'vector' is also a column of the output: rename that of the data to keep it",
        ),
        (
            {"pooling": "none", "layer": 3},
            "layer: given 3; allowed: 0 (the embeddings) to 2, or, counted from the last, -1 to -3",
        ),
        ({"max_length": 33}, "max_length: given 33, but the model has 32 positions: lower it"),
        (
            {"pooling": "pooler", "layer": 1},
            "pooling: pooler reads only the last layer: leave layer out, or choose another pooling",
        ),
    ],
)
def test_what_cannot_be_given_is_said(options: dict[str, Any], message: str, model: Path) -> None:
    with pytest.raises(SpecError) as caught:
        ftcore.features(model, "a.jsonl", "torch", **options)
    assert str(caught.value) == message
    assert [path.name for path in Path.cwd().iterdir()] == ["a.jsonl"]


def tokens_of(folder: Path, **options: Any) -> int:
    """Return how many tokens of a long text have vectors."""
    Path("long.jsonl").write_text(json.dumps({"text": "red " * 1000}) + "\n")
    (found,) = ftcore.features(folder, "long.jsonl", "torch", pooling="none", **options)
    return len(found)


@pytest.mark.parametrize("output", [None, "vectors.npy", "vectors.parquet"])
def test_data_without_rows_has_no_vectors(output: str | None, model: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("text\n")
    target = None if output is None else tmp_path / output
    with pytest.raises(DataError, match="the data has no rows"):
        ftcore.features(model, tmp_path / "empty.csv", backend="torch", output=target)
    assert target is None or not target.exists()


def test_a_text_is_as_long_as_the_folder_says(tmp_path: Path) -> None:
    folder = tiny.write_model(tmp_path / "model", max_position_embeddings=300)
    assert tokens_of(folder) == 128
    lengths = folder / "sentence_bert_config.json"
    for stored, wanted in ((200, 200), (512, 300), (None, 128)):
        lengths.write_text(json.dumps({"max_seq_length": stored}))
        assert tokens_of(folder) == wanted
    assert tokens_of(folder, max_length=9) == 9
    lengths.write_text(json.dumps({"max_seq_length": "200"}))
    with pytest.raises(ModelError) as caught:
        tokens_of(folder)
    assert str(caught.value) == f"{lengths}: max_seq_length is '200', but must be a whole number of at least 1"
    facts = {"task": "sentence-embedding", "labels": [], "outputs": 0, "pair": "separate", "pooling": "mean"}
    (folder / "ftcore.json").write_text(json.dumps({**facts, "max_length": 256}))
    assert tokens_of(folder) == 256


def test_a_model_of_few_positions_reads_what_it_can(tmp_path: Path) -> None:
    folder = tiny.write_model(tmp_path / "model", max_position_embeddings=16)
    assert tokens_of(folder) == 16
    command = ["features", str(folder), "--data", "a.jsonl", "--backend", "torch", "--output", "a.npy"]
    assert main([*command, "--max-length", "128"]) == 2
    assert main(command) == 0


def test_kept_values_are_of_one_type(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    rows = [{"id": None, "text": "red"}, {"id": None, "text": "red"}, {"id": "x", "text": "red"}]
    Path("b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    ftcore.features(model, "b.jsonl", "torch", output="b.parquet", keep=["id"])
    assert read("b.parquet")["id"] == [None, None, "x"]
    Path("c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"id": 3, "text": "red"}]))
    with pytest.raises(DataError, match="keep: the values of 'id' are not of one type"):
        ftcore.features(model, "c.jsonl", "torch", output="c.parquet", keep=["id"])
    assert not Path("c.parquet").exists()


def test_the_command(model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = ["--backend", "torch", "--keep", "id", "--layer", "-2", "--output", "a.parquet"]
    assert main(["features", str(model), "--data", "a.jsonl", *options]) == 0
    assert f"wrote a.parquet: {ROWS} rows, " in capfd.readouterr().err
    wanted, _ = states_of(model, -2)
    assert_close([np.array(vector) for vector in read("a.parquet")["vector"]], [one.mean(axis=0) for one in wanted])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"columns": {"txt": "text"}},
            r"^columns: there is no column txt \(did you mean text\?\) to read; allowed: text, ",
        ),
        (
            {"columns": {"text": "id", "text_a": "text"}},
            "^columns: given text and text_a; allowed: text, or text_a and",
        ),
        (
            {"input_format": "jsonlines"},
            r"^input_format: given 'jsonlines' \(did you mean jsonl\?\); allowed: jsonl, csv, ",
        ),
    ],
)
def test_columns_and_formats_that_do_not_exist_are_refused(given: dict[str, Any], message: str, model: Path) -> None:
    with pytest.raises(SpecError, match=message):
        ftcore.features(model, "a.jsonl", "torch", **given)


def test_the_format_of_standard_input_is_checked_by_evaluate(model: Path) -> None:
    with pytest.raises(SpecError, match=r"^input_format: given .xml.; allowed: jsonl, csv"):
        ftcore.evaluate(model, "-", "torch", input_format="xml")  # type: ignore[arg-type]
