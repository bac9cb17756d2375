"""Tiny random heads of question answering of every family, made by transformers, and batches of windows."""

from pathlib import Path
from typing import Any

import numpy as np

from ftcore.conformance import batches
from ftcore.conformance.families import FAMILY_CASES
from ftcore.contract import Batch
from ftcore.contract.seeds import generator
from ftcore.models import AnyModelSpec, ModelPlan, plan_model
from ftcore.models.heads import AnswerSpanHead
from ftcore.models.heads.answer_span import BUILD
from tests import tiny

NAMES = sorted(BUILD)
LENGTHS, PADDED = (7, 4, 2, 6), 8
POSITIONS = 34
SIZES = {"vocab_size": len(tiny.VOCABULARY), "max_position_embeddings": POSITIONS}


def build(name: str, **fields: Any) -> Any:
    """Return a random model, in evaluation, none of whose parameters has a value of its initialization."""
    import torch
    import transformers

    own = FAMILY_CASES[name].config
    sizes = {field: size for field, size in SIZES.items() if field in own}
    config = transformers.AutoConfig.for_model(name, **{**own, **sizes, **fields})
    torch.manual_seed(0)
    model = transformers.AutoModelForQuestionAnswering.from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def write(name: str, folder: Path, **fields: Any) -> Path:
    """Write a random model and a tokenizer into a folder."""
    build(name, **fields).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


def plan(folder: Path, dropout: float | None = 0.0, **fields: Any) -> ModelPlan:
    """Return the network of a folder."""
    spec = AnyModelSpec(pretrained=str(folder), dropout=dropout, **fields)
    return plan_model(spec, AnswerSpanHead(), 0, folder)


def answers() -> np.ndarray:
    """Return the first and last token of an answer in each window, int32 [windows, 2]; the third window has none."""
    found = [np.sort(generator(0, "answers", row).integers(0, length, 2)) for row, length in enumerate(LENGTHS)]
    found[2] = np.zeros(2)
    return np.asarray(found, np.int32)


def padded(lengths: tuple[int, ...] = LENGTHS, columns: int = PADDED) -> Batch:
    """Return windows of these lengths with their answers."""
    starts = np.arange(len(lengths)) * columns
    found = batches.tokens(lengths, columns, len(tiny.VOCABULARY), labels(lengths, starts), "question answering")
    return Batch(
        {**found.inputs, "token_type_ids": np.zeros_like(found.inputs["token_type_ids"])},
        found.targets,
        np.array([1.0, 0.5, 2.0, 1.0], np.float32),
        found.example_ids,
        found.tokens,
    )


def packed(width: int = 12) -> Batch:
    """Return the same windows, several in a row."""
    found = batches.packed(padded(), width)
    starts = found.inputs["starts"]
    return Batch(found.inputs, {"labels": labels(LENGTHS, starts)}, found.weights, found.example_ids, found.tokens)


def labels(lengths: tuple[int, ...], starts: np.ndarray) -> np.ndarray:
    """Return the labels of windows that start at these places, int32 [windows, 2 + length]."""
    tokens = np.arange(max(lengths))
    places = np.where(tokens < np.asarray(lengths)[:, None], starts[:, None] + tokens, -1)
    return np.concatenate([answers(), places], axis=1).astype(np.int32)
