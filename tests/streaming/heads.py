"""Folders of random BERTs with a head, as transformers writes them, and rows for them."""

import json
from collections.abc import Sequence
from pathlib import Path

from tests import tiny


def write_classifier(
    folder: Path, labels: Sequence[str], kind: str = "SequenceClassification", **config: object
) -> Path:
    """Write a model of transformers with its tokenizer; one label is a regression."""
    import torch
    import transformers

    torch.manual_seed(0)
    fields = {
        "vocab_size": len(tiny.VOCABULARY),
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 128,
        "id2label": dict(enumerate(labels)),
        "label2id": {label: number for number, label in enumerate(labels)},
        **config,
    }
    model = getattr(transformers, f"BertFor{kind}")(transformers.BertConfig(**fields))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.add_(torch.randn_like(parameter) * (2.0 if name == "classifier.weight" else 0.2))
    model.save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


def rows(count: int) -> list[dict[str, object]]:
    return [{"id": f"row {number}", "text": tiny.text(number), "number": number} for number in range(count)]


def json_lines(values: Sequence[object]) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)
