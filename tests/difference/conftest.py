"""A tiny checkpoint, and copies of it with one fault each."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests import tiny

Copy = Callable[..., Path]
Write = Callable[[Path, int], Path]


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_model(tmp_path_factory.mktemp("models") / "checkpoint")


@pytest.fixture
def copy(checkpoint: Path, tmp_path: Path) -> Copy:
    """Return the function that copies the checkpoint: `change` edits its tensors, `fields` its config."""

    def copied(change: Callable[[dict[str, np.ndarray]], None] | None = None, **fields: Any) -> Path:
        folder = tmp_path / "copy"
        shutil.copytree(checkpoint, folder)
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, **fields}))
        if change is not None:
            tensors = {name: array.copy() for name, array in load_file(folder / "model.safetensors").items()}
            change(tensors)
            save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        return folder

    return copied


@pytest.fixture
def write_classifier() -> Write:
    """Return the function that writes a tiny BERT with a head of some labels, as transformers does: no tokenizer."""

    def written(folder: Path, labels: int) -> Path:
        import torch
        from transformers import BertConfig, BertForSequenceClassification

        torch.manual_seed(0)
        sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
        config = BertConfig(vocab_size=len(tiny.VOCABULARY), max_position_embeddings=32, num_labels=labels, **sizes)
        BertForSequenceClassification(config).save_pretrained(folder)
        return folder

    return written
