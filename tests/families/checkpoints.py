"""Tiny random checkpoints of every family that transformers has, made by transformers."""

from pathlib import Path
from typing import Any

from ftcore.conformance.families import FAMILY_CASES, Variant
from ftcore.conformance.kinds.text_classifier import TEXT_CLASSIFIER
from ftcore.models import FAMILIES
from tests import tiny

LABELS = ["down", "same", "up"]
POSITIONS = 34
SIZES = {"vocab_size": len(tiny.VOCABULARY), "max_position_embeddings": POSITIONS, "n_positions": POSITIONS}
"""What tiny tokenizer and rows need."""
NAMES = sorted(FAMILY_CASES)
CLASSIFIERS = [name for name in NAMES if FAMILY_CASES[name].kind is TEXT_CLASSIFIER]
"""The families of which texts are classified."""


def config(name: str) -> dict[str, Any]:
    """Return the fields of a family's config."""
    fields = dict(FAMILY_CASES[name].config)
    return fields | {field: size for field, size in SIZES.items() if field in fields}


def model_class(name: str, task: str) -> Any:
    """Return transformers' class of a family for a task: "ForSequenceClassification"."""
    import transformers

    stem = FAMILIES[name].classifier_class.removesuffix("ForSequenceClassification")
    return getattr(transformers, stem + task)


def build(name: str, task: str = "ForSequenceClassification") -> Any:
    """Return a random model with a head of three labels."""
    import torch
    import transformers

    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {label: i for i, label in enumerate(LABELS)}}
    torch.manual_seed(0)
    return _perturbed(model_class(name, task)(transformers.AutoConfig.for_model(name, **config(name), **labels)))


def build_variant(variant: Variant) -> Any:
    """Return a random model of a variant's config and head, which has its own weight where the config does not tie."""
    import torch
    import transformers

    torch.manual_seed(0)
    model = getattr(transformers, variant.class_name)(
        transformers.AutoConfig.for_model(variant.family, **variant.config)
    )
    if variant.config.get("tie_word_embeddings") is False:
        last = model.get_output_embeddings()
        last.weight = torch.nn.Parameter(last.weight.detach().clone())
    return _perturbed(model)


def _perturbed(model: Any) -> Any:
    """Return a model in evaluation, none of whose trained parameters has a value of its initialization."""
    import torch

    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def write(name: str, folder: Path, task: str = "ForSequenceClassification") -> Path:
    """Write a random model and a tokenizer into a folder."""
    build(name, task).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder
