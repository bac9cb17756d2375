"""A model that starts from scratch has a tokenizer of its own, trained on the run's texts."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers

from ftcore.cli.main import main
from ftcore.errors import ModelError
from ftcore.files import read_json_lines
from ftcore.models import AnyModelSpec, SequenceHead, plan_model
from ftcore.spec.reading import load_spec
from ftcore.tasks import TASKS
from ftcore.text.special_tokens import special_tokens
from ftcore.text.tokenizer import Tokenizer
from tests import tiny

TRAINED = {"train": "bpe", "vocabulary": 300}


def write(folder: Path, architecture: str = "model", **changes: Any) -> Path:
    """Write a task whose model starts from scratch with a tokenizer that is trained."""
    model = {"from_scratch": {"architecture": architecture, "tokenizer": TRAINED}}
    return tiny.write_task(folder, **{"model": model, **changes})


def folders_of(spec: Any, base: Path) -> tuple[Path, Path]:
    """Return the folders of the tokenizers of what a network reads, and of what it writes."""
    return TASKS[spec.task].input.tokenizers(spec.model, spec.data, base).folders()


@pytest.mark.slow
def test_a_classifier_is_trained_and_predicts_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, training__epochs=2)
    monkeypatch.chdir(tmp_path)
    assert main(["run", "task.yaml", "--backend", "torch", "--output", "run"]) == 0
    model = tmp_path / "run" / "model"
    trained, _ = folders_of(load_spec(tmp_path / "task.yaml"), tmp_path)
    assert (model / "tokenizer.json").read_bytes() == (trained / "tokenizer.json").read_bytes()
    found, config = special_tokens(model), json.loads((model / "config.json").read_text())
    assert found.vocabulary == 300
    assert (config["vocab_size"], config["pad_token_id"], config["bos_token_id"], config["eos_token_id"]) == (
        found.vocabulary,
        found.pad,
        found.begin,
        found.end,
    )
    (tmp_path / "new.jsonl").write_text("".join(json.dumps({"text": tiny.text(n)}) + "\n" for n in range(60, 64)))
    assert main(["predict", "run", "--data", "new.jsonl", "--backend", "torch", "--output", "out.jsonl"]) == 0
    scores = [row["scores"] for row in read_json_lines(tmp_path / "out.jsonl")]
    theirs = transformers.AutoModelForSequenceClassification.from_pretrained(model).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    texts = [tiny.text(number) for number in range(60, 64)]
    given = tokenizer(texts, return_tensors="pt", padding=True, truncation=True, max_length=16)
    wanted = theirs(**given).logits.softmax(-1).detach().numpy()
    labels = [theirs.config.id2label[place] for place in range(3)]
    np.testing.assert_allclose([[row[label] for label in labels] for row in scores], wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("bert", {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 1, "intermediate_size": 8}),
        ("roberta", {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 1, "intermediate_size": 8}),
        ("gpt2", {"n_embd": 16, "n_head": 2, "n_layer": 1}),
        ("lstm", {"embedding_size": 8, "hidden_size": 8, "num_layers": 1}),
    ],
)
def test_the_vocabulary_is_that_of_the_tokenizer(kind: str, config: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "config.json").write_text(json.dumps({"model_type": kind, "vocab_size": 9, **config}))
    spec = load_spec(write(tmp_path, "bare"))
    folder, target_folder = folders_of(spec, tmp_path)
    plan = plan_model(spec.model, SequenceHead(3), 0, tmp_path, tokenizer=folder)
    table, tokens = plan.network.architecture.token_table, special_tokens(folder)
    assert table is not None
    assert table.shape[0] == plan.network.architecture.config["vocab_size"] == tokens.vocabulary == 300
    assert plan.network.architecture.config["pad_token_id"] == tokens.pad == 0
    assert (folder, plan.tokenizer_folder) == (target_folder, folder)
    ids = Tokenizer.load(folder, 16).encode(["red dog"]).ids.tolist()
    assert (ids[0], ids[-1]) == (tokens.begin, tokens.end)


@pytest.mark.parametrize(
    ("task", "row", "columns", "texts"),
    [
        ("text-classification", {"text": "one two", "label": "red"}, {}, ["one two"]),
        ("text-classification", {"a": "one", "b": "two", "label": "x"}, {"text_a": "a", "text_b": "b"}, ["one", "two"]),
        ("token-classification", {"tokens": ["one", "two"], "tags": ["A", "B"]}, {}, [" one two"]),
        ("causal-language-modeling", {"text": "one\ntwo"}, {}, ["one\ntwo"]),
        ("instruction-tuning", {"prompt": "one", "completion": "two"}, {}, ["one", "two"]),
        (
            "instruction-tuning",
            {"messages": [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]},
            {},
            ["one", "two"],
        ),
        ("translation", {"source": "one", "target": "two", "references": ["two", "too"]}, {}, ["one", "two"]),
    ],
)
def test_its_texts_are_those_of_the_task(
    task: str, row: dict[str, Any], columns: dict[str, str], texts: list[str], tmp_path: Path
) -> None:
    """A tokenizer of another file with the same texts alone would be another one: its words tell what it was given."""
    write(tmp_path, task=task, data={"train": "rows.jsonl", "columns": columns})
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for _ in range(4)))
    folder, _ = folders_of(load_spec(tmp_path / "task.yaml"), tmp_path)
    stored = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    words = {word.replace(" ", "\u0120") for text in texts for word in text.replace(" ", "\n ").split("\n")} - {""}
    assert words <= set(stored)
    assert not {"red", "too", "user", "A"} & (set(stored) - words - {"A"})


def test_an_image_network_has_none(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    config = {"model_type": "image-cnn", "image_size": [8, 8], "num_channels": 1, "block_channels": [4]}
    (tmp_path / "net" / "config.json").write_text(json.dumps(config))
    spec = AnyModelSpec.model_validate({"from_scratch": {"architecture": "net", "tokenizer": TRAINED}})
    with pytest.raises(ModelError, match=r"model\.from_scratch\.tokenizer: is for texts"):
        plan_model(spec, SequenceHead(2), 0, tmp_path)


def test_two_parts_are_for_texts_of_other_texts(tmp_path: Path) -> None:
    spec = AnyModelSpec.model_validate({"encoder": {"pretrained": "a"}, "decoder": {"pretrained": "a"}})
    with pytest.raises(ModelError, match=r"model\.encoder: is for tasks that generate a text from another"):
        plan_model(spec, SequenceHead(2), 0, tmp_path)
