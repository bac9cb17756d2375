"""Tiny random folders of transformers, and what a plan gives when transformers reads its folder."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import Batch, Program, Want
from ftcore.contract import discovery as backends
from ftcore.models import AnyModelSpec, LanguageModelHead, ModelPlan, plan_model
from tests import tiny
from tests.results import write_language_model

BERT = {
    "vocab_size": len(tiny.VOCABULARY),
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
}


def write_bert(folder: Path, task: str = "Model", seed: int = 0, **fields: Any) -> Path:
    """Write a random BERT of a class of transformers, with a tokenizer."""
    import torch
    import transformers

    torch.manual_seed(seed)
    model = getattr(transformers, f"Bert{task}")(transformers.BertConfig(**{**BERT, **fields}))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


def write_config(folder: Path, kind: str, **fields: Any) -> Path:
    """Write a folder with a config and a tokenizer alone."""
    tiny.write_tokenizer(folder)
    (folder / "config.json").write_text(json.dumps({"model_type": kind, **fields}))
    return folder


def plan(base: Path, tokenizer: Path, target: Path | None = None, seed: int = 0, **model: Any) -> ModelPlan:
    return plan_model(
        AnyModelSpec.model_validate(model), LanguageModelHead(), seed, base, tokenizer, target or tokenizer
    )


def loaded(written: ModelPlan, folder: Path, kind: str) -> Any:
    """Return the model that transformers reads where a plan was written: no tensor is missing or too much."""
    import transformers

    write_language_model(folder, written, written.tensors, "float32")
    model, information = getattr(transformers, kind).from_pretrained(folder, output_loading_info=True)
    assert not any(information[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    return model.eval()


def logits(network: ModelPlan, batch: Batch, backend: str) -> np.ndarray:
    learner = backends.load(backend).build(Program(network.network), "cpu")
    learner.load_tensors(network.tensors)
    return np.asarray(learner.forward(batch, Want()).logits)


def batch(**inputs: list[list[int]]) -> Batch:
    """Return texts without padding as a batch."""
    arrays = {name: np.array(rows, dtype=np.int32) for name, rows in inputs.items()}
    masks = {
        name.replace("input_ids", "attention_mask"): np.ones_like(array)
        for name, array in arrays.items()
        if name.endswith("input_ids")
    }
    rows = len(next(iter(arrays.values())))
    return Batch({**arrays, **masks}, {}, np.ones(rows, np.float32), np.arange(rows, dtype=np.int64))
