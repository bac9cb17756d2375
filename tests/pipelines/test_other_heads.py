"""Heads without a class in transformers: AutoModel and head.safetensors give ftcore's vectors and scores."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import fine_tuned
import numpy as np
import pytest
import torch
import transformers
from fine_tuned import BATCHES, BOUND, LABELS, TRAINED, predicted
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

from ftcore import features
from ftcore.models import FAMILIES
from ftcore.models.head_of_folder import HEADS

POOLINGS: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "cls": lambda states, mask: states[:, 0],
    "mean": lambda states, mask: (states * mask[..., None]).sum(1) / mask.sum(1)[:, None],
    "max": lambda states, mask: states.masked_fill(mask[..., None] == 0, -torch.inf).amax(1),
    "last": lambda states, mask: states[torch.arange(len(mask)), mask.sum(1) - 1],
}
"""How hidden states [texts, length, hidden] with a mask [texts, length] become vectors [texts, hidden]."""


def vectors(result: Path, texts: Sequence[str], pooling: str, batch: int) -> torch.Tensor:
    """Return the pooled vectors of AutoModel, [texts, hidden]."""
    tokenizer, model = (one.from_pretrained(result) for one in (transformers.AutoTokenizer, transformers.AutoModel))
    found = []
    for first in range(0, len(texts), batch):
        given = tokenizer(list(texts[first : first + batch]), padding=True, return_tensors="pt")
        with torch.no_grad():
            states = model(**given).last_hidden_state
        found.append(POOLINGS[pooling](states, given["attention_mask"]))
    return torch.cat(found)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("name", fine_tuned.each(fine_tuned.TEXT_FAMILIES))
def test_another_pooling(name: str, pooling: str, tmp_path: Path) -> None:
    fine_tuned.write_model(tmp_path / "model", name, FAMILIES[name].body_class, "names no padding")
    rows = [{"text": text, "label": LABELS[number % 3]} for number, text in enumerate(TRAINED)]
    result = fine_tuned.fine_tuned(tmp_path, "text-classification", rows, model__pooling=pooling)
    expected = predicted(result, [{"text": text} for text in fine_tuned.TEXTS])
    if not (result / "head.safetensors").exists():
        assert pooling == FAMILIES[name].pooling  # which is in test_pipelines.py
        return
    head = load_file(result / "head.safetensors")
    (weight,) = (value for key, value in head.items() if key.endswith("weight"))
    bias = next((value for key, value in head.items() if key.endswith("bias")), torch.zeros(3))
    for batch in BATCHES:
        logits = vectors(result, fine_tuned.TEXTS, pooling, batch) @ weight.T + bias
        for scores, own in zip(logits.softmax(1).tolist(), expected, strict=True):
            assert dict(zip(LABELS, scores, strict=True)) == pytest.approx(own["scores"], abs=BOUND)


@pytest.mark.parametrize("name", fine_tuned.each(fine_tuned.TEXT_FAMILIES))
def test_vectors_of_texts(name: str, tmp_path: Path) -> None:
    fine_tuned.write_model(tmp_path / "model", name, FAMILIES[name].body_class, "names no padding")
    rows = [{"text_a": text, "text_b": f"{text} new"} for text in TRAINED]
    own: dict[str, Any] = {"model__pooling": "mean", "model__normalize": True}
    result = fine_tuned.fine_tuned(tmp_path, "sentence-embedding", rows, **own)
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(f'{{"text": "{text}"}}\n' for text in fine_tuned.TEXTS))
    expected = features(result, path, "torch")
    for batch in BATCHES:
        found = SentenceTransformer(str(result), device="cpu").encode(fine_tuned.TEXTS, batch_size=batch)
        np.testing.assert_allclose(found, expected, rtol=0, atol=BOUND)


def test_every_kind_of_head_is_compared_here_or_in_a_file_beside() -> None:
    assert set(HEADS) == {"sequence", "token", "answer-span"}
