"""Tiny token classifiers, made by transformers, and batches of texts with a label for some of their tokens."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

from ftcore.backend import Batch
from ftcore.conformance import batches
from ftcore.conformance.families import FAMILY_CASES
from ftcore.models.families import FAMILIES
from ftcore.models.families.token_classifiers import FORMS, token_classifier_class
from ftcore.seeds import generator
from tests import tiny

LABELS = ["O", "B-name", "I-name"]
LENGTHS = (7, 4, 2, 6)
WIDTH = 11
FLOAT32_INSIDE = [name for name in FORMS if FAMILY_CASES[name].float32_inside]
MORE: dict[str, dict[str, Any]] = {"modernbert": {"classifier_bias": True, "norm_bias": True}}


def build(family: str) -> Any:
    """Return a random model, nowhere what it is initialized with."""
    torch.manual_seed(0)
    fields = {**FAMILY_CASES[family].config, **MORE.get(family, {}), "vocab_size": len(tiny.VOCABULARY)}
    names = {"id2label": dict(enumerate(LABELS)), "label2id": {name: number for number, name in enumerate(LABELS)}}
    config = transformers.AutoConfig.for_model(family, **fields, **names, attn_implementation="eager")
    model = getattr(transformers, token_classifier_class(FAMILIES[family]))(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return model.eval()


def write(family: str, folder: Path) -> Path:
    """Write a random model and a tokenizer into a folder."""
    build(family).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


def padded(pad_token: int) -> Batch:
    """Return four texts; the second token of each has no label, and one label counts less than the others."""
    draws = generator(0, "token classifiers")
    labels = draws.integers(0, len(LABELS), (len(LENGTHS), max(LENGTHS))).astype(np.int32)
    found = batches.tokens(LENGTHS, max(LENGTHS), len(tiny.VOCABULARY), labels, "token classifiers")
    mask = found.inputs["attention_mask"]
    weights = mask.astype(np.float32)
    weights[:, 1], weights[0, 2] = 0.0, 0.25
    ids = found.inputs["input_ids"]
    ids = np.where(mask == 1, np.where(ids <= pad_token, ids - 1, ids), pad_token).astype(np.int32)
    types = np.zeros_like(ids)
    return replace(found, inputs={**found.inputs, "input_ids": ids, "token_type_ids": types}, weights=weights)


def packed(given: Batch) -> Batch:
    """Return the texts in rows of WIDTH; labels and weights lie as the tokens do."""
    found = batches.packed(given, WIDTH)
    shape = found.inputs["input_ids"].shape
    labels, weights = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    for text, (start, length) in enumerate(zip(found.inputs["starts"], LENGTHS, strict=True)):
        labels.ravel()[start : start + length] = given.targets["labels"][text, :length]
        weights.ravel()[start : start + length] = given.weights[text, :length]
    return replace(found, targets={"labels": labels}, weights=weights)
