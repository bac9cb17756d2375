"""A config that ties, beside an output table of other values, is read as transformers reads it, and said."""

from pathlib import Path
from typing import Any

import fine_tuned
import numpy as np
import pytest
import torch
import transformers
from safetensors.numpy import load_file, save_file

from ftcore.contract import Batch, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.optimizers import SGD
from ftcore.models import ENCODER_DECODERS, LANGUAGE_MODELS, plan_language_model

IDS, TARGET = [[5, 6, 7, 8]], [[5, 9, 10, 11]]


def write(folder: Path, name: str) -> None:
    """Write a language model whose config ties, with an output table of its own."""
    family = LANGUAGE_MODELS[name]
    fine_tuned.write_model(folder, name, family.language_model_class, "pads", tie_word_embeddings=True)
    tensors = load_file(folder / "model.safetensors")
    tables = ("wte.weight", "embed_tokens.weight", "shared.weight", "word_embeddings.weight")
    table = next(value for key, value in tensors.items() if key.endswith(tables))
    noise = np.random.default_rng(0).normal(size=table.shape).astype(np.float32)
    save_file({**tensors, family.head_weight: table + noise}, folder / "model.safetensors", {"format": "pt"})


def batch(name: str) -> Batch:
    ids, ones = np.asarray(IDS, np.int32), np.ones((1, 4), np.int32)
    target: dict[str, Any] = {"token_type_ids": 0 * ones}
    if name in ENCODER_DECODERS:
        target = {"decoder_input_ids": np.asarray(TARGET, np.int32), "decoder_attention_mask": ones}
    labels = {"labels": 0 * ones}
    return Batch({"input_ids": ids, "attention_mask": ones, **target}, labels, ones.astype(np.float32), np.arange(1))


@pytest.mark.parametrize("name", fine_tuned.each(LANGUAGE_MODELS))
def test_the_tables_are_not_tied(name: str, tmp_path: Path) -> None:
    write(tmp_path / "model", name)
    model = getattr(transformers, LANGUAGE_MODELS[name].language_model_class).from_pretrained(tmp_path / "model")
    target = {"decoder_input_ids": torch.tensor(TARGET)} if name in ENCODER_DECODERS else {}
    with torch.no_grad():
        expected = model.eval()(input_ids=torch.tensor(IDS), **target).logits.numpy()
    plan = plan_language_model(tmp_path / "model", 0.0)
    assert sum("ties the token table" in note and LANGUAGE_MODELS[name].head_weight in note for note in plan.notes) == 1
    for backend in backends.names():
        program = Program(plan.network, CrossEntropy(), SGD(), decay_exempt=frozenset(), seed=0)
        learner = backends.load(backend).build(program, "cpu")
        learner.load_tensors(plan.tensors)
        found = learner.forward(batch(name), Want(logits=True)).logits
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
