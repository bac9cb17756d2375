"""The vectors of folders of sentence-transformers' versions 2 to 6 are those of `SentenceTransformer.encode`."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
from sentence_transformers import SentenceTransformer

import ftcore
from ftcore.contract import discovery as backends
from ftcore.errors import ModelError
from tests import tiny

OLD, NEW = "sentence_transformers.models.", "sentence_transformers.sentence_transformer.modules."
BASE = "sentence_transformers.base.modules."
WHOLE, LENGTHS = "config_sentence_transformers.json", "sentence_bert_config.json"
POOLING, NORMALIZE, CONFIG = "1_Pooling/config.json", "2_Normalize/config.json", "tokenizer_config.json"
TEXTS = ["red dog", "old warm river stone green", "Cat House RED", "red " * 40, "  big small  "]
TOLERANCE = 1e-5
OLD_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": f"{OLD}Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{OLD}Pooling"},
]
OLD_NORMALIZE = {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{OLD}Normalize"}
NEW_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": f"{BASE}transformer.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{NEW}pooling.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{BASE}normalize.Normalize"},
]
DENSE = {"idx": 2, "name": "2", "path": "2_Dense", "type": f"{OLD}Dense"}
SIX = {
    "transformer_task": "feature-extraction",
    "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
    "module_output_name": "token_embeddings",
}
QUERY = {"prompts": {"query": "old ", "document": ""}, "default_prompt_name": "query"}


def enabled(*names: str) -> dict[str, Any]:
    """Return the pooling's config of the versions before 6."""
    known = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
    return {"word_embedding_dimension": 16, **{f"pooling_mode_{name}": name in names for name in known}}


def pooled(mode: Any, **fields: Any) -> dict[str, Any]:
    """Return the pooling's config of version 6."""
    return {"embedding_dimension": 16, "pooling_mode": mode, **fields}


Files = Mapping[str, Any]
TWO: Files = {"modules.json": OLD_MODULES, POOLING: enabled("mean_tokens"), LENGTHS: {"max_seq_length": 8}}
FIVE: Files = {
    "modules.json": [*OLD_MODULES, OLD_NORMALIZE],
    POOLING: enabled("cls_token"),
    LENGTHS: {"max_seq_length": 8, "do_lower_case": False},
}
FOLLOWED: dict[str, Files] = {
    "2, mean": TWO,
    "2, a pooling without a mode is the mean": {**TWO, POOLING: {"word_embedding_dimension": 16}},
    "2, an older name of the lengths": {**TWO, LENGTHS: None, "sentence_roberta_config.json": {"max_seq_length": 6}},
    "2, lowered": {**TWO, LENGTHS: {"max_seq_length": 8, "do_lower_case": True}},
    "3, a prompt": {**TWO, WHOLE: {"__version__": {"sentence_transformers": "3.0.0"}, **QUERY}},
    "3, a prompt that is not the default": {**TWO, WHOLE: {**QUERY, "default_prompt_name": None}},
    "4, last": {**TWO, POOLING: {**enabled("lasttoken"), "include_prompt": True}},
    "5, max, no length": {**TWO, POOLING: enabled("max_tokens"), LENGTHS: {"max_seq_length": None}},
    "5, cls, scaled": FIVE,
    "6, mean": {
        "modules.json": NEW_MODULES[:2],
        POOLING: pooled("mean"),
        LENGTHS: SIX,
        CONFIG: {"model_max_length": 9},
    },
    "6, in a list, scaled, a prompt": {
        "modules.json": NEW_MODULES,
        POOLING: pooled(["lasttoken"], include_prompt=True),
        NORMALIZE: {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"},
        LENGTHS: SIX,
        WHOLE: {"model_type": "SentenceTransformer", "similarity_fn_name": "dot", **QUERY},
        CONFIG: {"model_max_length": 7},
    },
    "6, cls, cut at the begin": {
        "modules.json": NEW_MODULES[:2],
        POOLING: pooled("cls"),
        CONFIG: {"model_max_length": 6, "truncation_side": "left"},
    },
}
WHOLE_OF_SIX: Files = FOLLOWED["6, in a list, scaled, a prompt"]
REFUSED: dict[str, tuple[Files, str]] = {
    "two poolings": ({**TWO, POOLING: enabled("mean_tokens", "max_tokens")}, "pooling_mode_mean_tokens and"),
    "two poolings of 6": ({**WHOLE_OF_SIX, POOLING: pooled(["mean", "max"])}, "pooling_mode is"),
    "a weighted mean": ({**WHOLE_OF_SIX, POOLING: pooled("weightedmean")}, "pooling_mode is 'weightedmean'"),
    "a root of the length": ({**TWO, POOLING: enabled("mean_sqrt_len_tokens")}, "pooling_mode_mean_sqrt_len_tokens"),
    "a prompt that is not pooled": ({**WHOLE_OF_SIX, POOLING: pooled("mean", include_prompt=False)}, "include_prompt"),
    "an unknown prompt": ({**TWO, WHOLE: {"default_prompt_name": "x", "prompts": {}}}, "default_prompt_name is 'x'"),
    "Dense": ({**TWO, "modules.json": [*OLD_MODULES, DENSE]}, "has the module Dense"),
    "scaled twice": ({**FIVE, "modules.json": [*OLD_MODULES, OLD_NORMALIZE, OLD_NORMALIZE]}, "Normalize, Normalize"),
    "scaled before": ({**FIVE, "modules.json": [OLD_MODULES[0], OLD_NORMALIZE, OLD_MODULES[1]]}, "Normalize, Pooling"),
    "scaled tokens": ({**WHOLE_OF_SIX, NORMALIZE: {"module_input_name": "token_embeddings"}}, "module_input_name"),
    "a module of one's own": (
        {**TWO, "modules.json": [OLD_MODULES[0], {**OLD_MODULES[1], "type": "own.Pooling"}]},
        "has the module own.Pooling",
    ),
    "another place": (
        {**TWO, "modules.json": [{**OLD_MODULES[0], "path": "0_Transformer"}, OLD_MODULES[1]]},
        "path of the Transformer is '0_Transformer'",
    ),
    "arguments": ({**TWO, "modules.json": [{**OLD_MODULES[0], "kwargs": ["task"]}, OLD_MODULES[1]]}, "kwargs of"),
    "another output": ({**WHOLE_OF_SIX, LENGTHS: {**SIX, "module_output_name": "scores"}}, "module_output_name"),
    "another task": ({**WHOLE_OF_SIX, LENGTHS: {**SIX, "transformer_task": "fill-mask"}}, "transformer_task"),
    "a tokenizer's arguments": ({**TWO, LENGTHS: {"tokenizer_args": {"add_prefix_space": True}}}, "tokenizer_args"),
    "fewer numbers": ({**TWO, WHOLE: {"truncate_dim": 8}}, "truncate_dim is 8"),
    "another kind of model": ({**TWO, WHOLE: {"model_type": "SparseEncoder"}}, "model_type is 'SparseEncoder'"),
    "padded at the begin": ({**TWO, CONFIG: {"padding_side": "left"}}, "padding_side is left"),
    "a wrong length": ({**TWO, LENGTHS: {"max_seq_length": "8"}}, "max_seq_length is '8'"),
    "a wrong case": ({**TWO, LENGTHS: {"do_lower_case": "yes"}}, "do_lower_case is 'yes'"),
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT whose tokenizer keeps capitals."""
    folder = tiny.write_model(tmp_path_factory.mktemp("bert"))
    stored = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    stored.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    stored.save(str(folder / "tokenizer.json"))
    return folder


def write(folder: Path, model: Path, files: Files) -> Path:
    """Write a model with sentence-transformers' files; None is no file."""
    shutil.copytree(model, folder)
    return write_files(folder, files)


def write_files(folder: Path, files: Files) -> Path:
    """Write sentence-transformers' files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if content is not None:
            before = json.loads(path.read_text()) if name == CONFIG else {}
            path.write_text(json.dumps({**before, **content} if isinstance(content, dict) else content))
    return folder


@pytest.mark.parametrize("name", FOLLOWED)
def test_vectors_are_those_of_encode(name: str, model: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "model", model, FOLLOWED[name])
    wanted = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    for backend in backends.names() if name.startswith("6") else ("torch",):
        found = ftcore.features(folder, "a.jsonl", backend=backend)
        np.testing.assert_allclose(np.asarray(found), wanted, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_followed_is_named(name: str, model: Path, tmp_path: Path) -> None:
    files, message = REFUSED[name]
    with pytest.raises(ModelError) as caught:
        ftcore.features(write(tmp_path / "model", model, files), "a.jsonl", backend="torch")
    assert message in str(caught.value)
    assert ".json: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_positions_that_do_not_count_padding_may_be_padded_anywhere(tmp_path: Path) -> None:
    from transformers import LlamaConfig, LlamaModel

    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    given = {"vocab_size": len(tiny.VOCABULARY), "max_position_embeddings": 32, "pad_token_id": 0, **sizes}
    folder = tmp_path / "model"
    LlamaModel(LlamaConfig(**given)).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    write_files(folder, {**FOLLOWED["4, last"], CONFIG: {"padding_side": "left"}})
    wanted = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    found = ftcore.features(folder, "a.jsonl", backend="torch")
    np.testing.assert_allclose(np.asarray(found), wanted, rtol=0, atol=TOLERANCE)


def test_a_prompt_can_be_given(model: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "model", model, FOLLOWED["3, a prompt"])
    reference = SentenceTransformer(str(folder), device="cpu")
    for prompt in ("", "new "):
        found = ftcore.features(folder, "a.jsonl", backend="torch", prompt=prompt)
        np.testing.assert_allclose(np.asarray(found), reference.encode(TEXTS, prompt=prompt), rtol=0, atol=TOLERANCE)
