"""Tiny random checkpoints of every family but BERT, made by transformers, with a head of three labels."""

from pathlib import Path
from typing import Any

from tests import tiny

LABELS = ["down", "same", "up"]
SIZES = {
    "vocab_size": len(tiny.VOCABULARY),
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 34,
    "type_vocab_size": 1,
    "pad_token_id": 1,
}
DISTILBERT = {
    "vocab_size": len(tiny.VOCABULARY),
    "dim": 16,
    "hidden_dim": 32,
    "n_layers": 2,
    "n_heads": 2,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
}
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "roberta": ("roberta", SIZES),
    "xlm-roberta": ("xlm-roberta", {**SIZES, "layer_norm_eps": 1e-5, "hidden_act": "relu"}),
    "camembert": ("camembert", {**SIZES, "classifier_dropout": 0.3}),
    "distilbert": ("distilbert", DISTILBERT),
    "electra": ("electra", {**SIZES, "embedding_size": 8, "type_vocab_size": 2, "pad_token_id": 0}),
    "electra, embeddings as wide as the rest": ("electra", {**SIZES, "embedding_size": 16, "pad_token_id": 0}),
}
"""A name for tests to the model_type, and the fields of its config."""
UNTYPED = {"roberta", "xlm-roberta", "camembert", "distilbert"}
"""Those that take no second token type."""
PREFIXES = {
    "roberta": "Roberta",
    "xlm-roberta": "XLMRoberta",
    "camembert": "Camembert",
    "distilbert": "DistilBert",
    "electra": "Electra",
}


def model_class(name: str, task: str) -> Any:
    """Return transformers' class of a family for a task: "ForSequenceClassification"."""
    import transformers

    return getattr(transformers, PREFIXES[CONFIGS[name][0]] + task)


def build(name: str, task: str = "ForSequenceClassification") -> Any:
    """Return a random model, in evaluation, none of whose parameters has a value of its initialization."""
    import torch
    import transformers

    kind, fields = CONFIGS[name]
    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {label: i for i, label in enumerate(LABELS)}}
    config = transformers.AutoConfig.for_model(kind, **fields, **labels)
    torch.manual_seed(0)
    model = model_class(name, task)(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def write(name: str, folder: Path, task: str = "ForSequenceClassification") -> Path:
    """Write a random model and a tokenizer into a folder."""
    build(name, task).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder
