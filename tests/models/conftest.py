"""A tiny BERT folder written by hand, so that most of these tests need no framework."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

Writer = Callable[..., Path]


@pytest.fixture
def tiny_config() -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "attention_probs_dropout_prob": 0.1,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.2,
        "hidden_size": 8,
        "initializer_range": 0.02,
        "intermediate_size": 12,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 16,
        "model_type": "bert",
        "num_attention_heads": 2,
        "num_hidden_layers": 2,
        "pad_token_id": 0,
        "type_vocab_size": 2,
        "vocab_size": 11,
    }


def _shapes() -> dict[str, tuple[int, ...]]:
    hidden, intermediate = 8, 12
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (11, hidden),
        "embeddings.position_embeddings.weight": (16, hidden),
        "embeddings.token_type_embeddings.weight": (2, hidden),
        "pooler.dense.weight": (hidden, hidden),
        "pooler.dense.bias": (hidden,),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in ("encoder.layer.0", "encoder.layer.1"):
        dense = {
            "attention.self.query": (hidden, hidden),
            "attention.self.key": (hidden, hidden),
            "attention.self.value": (hidden, hidden),
            "attention.output.dense": (hidden, hidden),
            "intermediate.dense": (intermediate, hidden),
            "output.dense": (hidden, intermediate),
        }
        for name, shape in dense.items():
            shapes |= {f"{layer}.{name}.weight": shape, f"{layer}.{name}.bias": shape[:1]}
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    shapes |= {f"{norm}.{part}": (hidden,) for norm in norms for part in ("weight", "bias")}
    return {f"bert.{name}": shape for name, shape in shapes.items()}


@pytest.fixture
def tiny_tensors() -> dict[str, np.ndarray]:
    """Every tensor of BertModel, under the names of a model with a head; float32."""
    generator = np.random.default_rng(5)
    return {name: generator.normal(size=shape).astype(np.float32) for name, shape in _shapes().items()}


@pytest.fixture
def head_tensors() -> dict[str, np.ndarray]:
    """A classifier of three outputs."""
    generator = np.random.default_rng(6)
    return {
        "classifier.weight": generator.normal(size=(3, 8)).astype(np.float32),
        "classifier.bias": generator.normal(size=3).astype(np.float32),
    }


def write_tokenizer(folder: Path, words: int = 11) -> None:
    """Write a tokenizer.json of `words` ids."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: index for index, word in enumerate([*special, *(f"w{i}" for i in range(words - 4))])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(folder / "tokenizer.json"))
    described = {"tokenizer_class": "PreTrainedTokenizerFast", **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(described))


@pytest.fixture
def write_folder(tmp_path: Path, tiny_config: dict[str, Any], tiny_tensors: dict[str, np.ndarray]) -> Writer:
    """Return a function that writes a model folder; what is not given is the tiny BERT's."""

    def write(
        config: Mapping[str, Any] | None = None,
        tensors: Mapping[str, np.ndarray] | None = None,
        name: str = "tiny",
        words: int = 11,
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(dict(tiny_config if config is None else config)))
        given = tiny_tensors if tensors is None else tensors
        save_file({key: np.ascontiguousarray(value) for key, value in given.items()}, folder / "model.safetensors")
        write_tokenizer(folder, words)
        return folder

    return write
