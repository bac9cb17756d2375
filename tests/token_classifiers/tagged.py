"""Tiny random token classifiers of every family, made by transformers, and batches of tags."""

from pathlib import Path
from typing import Any

import numpy as np

from ftcore.conformance.families import FAMILY_CASES
from ftcore.contract import Batch
from ftcore.contract.seeds import generator
from ftcore.models import TOKEN_CLASSIFIERS, AnyModelSpec, ModelPlan, TokenClassifierHead, plan_model
from tests import tiny

LABELS = ["noun", "verb", "other"]
LENGTHS = (7, 4, 2, 6)
POSITIONS = 34
SIZES = {"vocab_size": len(tiny.VOCABULARY), "max_position_embeddings": POSITIONS, "n_positions": POSITIONS}
NAMES = sorted(TOKEN_CLASSIFIERS)


def build(name: str, **fields: Any) -> Any:
    """Return a random model, in evaluation, none of whose parameters has a value of its initialization."""
    import torch
    import transformers

    own = FAMILY_CASES[name].config
    sizes = {field: size for field, size in SIZES.items() if field in own}
    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {label: i for i, label in enumerate(LABELS)}}
    config = transformers.AutoConfig.for_model(name, **{**own, **sizes, **labels, **fields})
    torch.manual_seed(0)
    model = transformers.AutoModelForTokenClassification.from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def write(name: str, folder: Path, **fields: Any) -> Path:
    """Write a random model and a tokenizer into a folder."""
    build(name, **fields).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


def plan(folder: Path, dropout: float | None = 0.0, outputs: int = len(LABELS), **fields: Any) -> ModelPlan:
    """Return the token classifier of a folder."""
    spec = AnyModelSpec(pretrained=str(folder), dropout=dropout, **fields)
    return plan_model(spec, TokenClassifierHead(outputs), 0, folder)


def batch() -> Batch:
    """Return four texts: the first and last token of each have no tag, and one tag counts less than the others."""
    draws, shape = generator(0, "token classifiers"), (len(LENGTHS), max(LENGTHS))
    mask = (np.arange(shape[1]) < np.array(LENGTHS)[:, None]).astype(np.int32)
    weights = mask.astype(np.float32)
    weights[:, 0] = 0
    weights[0, 1] = 0.25
    for row, length in enumerate(LENGTHS):
        weights[row, length - 1] = 0
    return Batch(
        inputs={
            "input_ids": draws.integers(5, len(tiny.VOCABULARY), shape).astype(np.int32) * mask,
            "attention_mask": mask,
            "token_type_ids": np.zeros(shape, dtype=np.int32),
        },
        targets={"labels": draws.integers(0, len(LABELS), shape).astype(np.int32)},
        weights=weights,
        example_ids=np.arange(len(LENGTHS), dtype=np.int64),
        tokens=int(mask.sum()),
    )


def packed(padded: Batch) -> Batch:
    """Return the batch in two rows, of the texts 1 and 0, and 3 and 2; labels and weights lie as the tokens do."""
    width, starts = 11, np.zeros(len(LENGTHS), dtype=np.int32)
    given = {**padded.inputs, **padded.targets, "weights": padded.weights}
    given["position_ids"] = np.tile(np.arange(max(LENGTHS), dtype=np.int32), (len(LENGTHS), 1))
    arrays = {name: np.zeros((2, width), dtype=array.dtype) for name, array in given.items()}
    segments = np.full((2, width), len(LENGTHS), dtype=np.int32)
    for row, texts in enumerate(((1, 0), (3, 2))):
        place = 0
        for text in texts:
            slots = slice(place, place + LENGTHS[text])
            for name, array in given.items():
                arrays[name][row, slots] = array[text, : LENGTHS[text]]
            segments[row, slots] = text
            starts[text], place = row * width + place, slots.stop
    inputs = {
        **{name: arrays[name] for name in ("input_ids", "token_type_ids", "position_ids")},
        "segment_ids": segments,
        "starts": starts,
        "lengths": np.array(LENGTHS, dtype=np.int32),
        "sequences": np.array([[1, 0], [3, 2]], dtype=np.int32),
    }
    return Batch(inputs, {"labels": arrays["labels"]}, arrays["weights"], padded.example_ids, padded.tokens)
