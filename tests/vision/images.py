"""Tiny random image classifiers, made by transformers, with a head of three labels, and batches of images."""

from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import Batch
from ftcore.contract.seeds import generator
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, plan_pretrained

LABELS = ["down", "same", "up"]
SIZES = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 8,
    "patch_size": 4,
}
RESNET = {"embedding_size": 6, "hidden_sizes": [8, 16], "depths": [2, 1]}
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "vit": ("vit", SIZES),
    "vit, no biases, oblong, relu": (
        "vit",
        {
            **SIZES,
            "qkv_bias": False,
            "image_size": [8, 15],
            "patch_size": [2, 4],
            "num_channels": 2,
            "hidden_act": "relu",
            "layer_norm_eps": 1e-2,
        },
    ),
    "deit": ("deit", SIZES),
    "resnet": ("resnet", RESNET),
    "resnet, narrow early, downsampled at once, gelu": (
        "resnet",
        {
            **RESNET,
            "downsample_in_bottleneck": True,
            "downsample_in_first_stage": True,
            "hidden_act": "gelu",
            "num_channels": 2,
        },
    ),
    "resnet, basic": (
        "resnet",
        {"layer_type": "basic", "embedding_size": 6, "hidden_sizes": [6, 10, 7], "depths": [1, 2, 1]},
    ),
}
"""A name for tests to the model_type, and the fields of its config; "FAMILY, VARIANT" where it is no family's first."""
FAMILIES = [name for name in CONFIGS if "," not in name]
"""The first of each family."""
STEMS = {"vit": "ViT", "deit": "DeiT", "resnet": "ResNet"}


def model_class(name: str, task: str = "ForImageClassification") -> Any:
    """Return transformers' class of a family for a task."""
    import transformers

    return getattr(transformers, STEMS[CONFIGS[name][0]] + task)


def build(name: str, task: str = "ForImageClassification", **more: Any) -> Any:
    """Return a random model, in evaluation, no parameter or statistic of which has a value of its initialization."""
    import torch
    import transformers

    kind, fields = CONFIGS[name]
    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {label: i for i, label in enumerate(LABELS)}}
    config = transformers.AutoConfig.for_model(kind, **fields, **labels, **more)
    torch.manual_seed(0)
    model = model_class(name, task)(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
        for buffer in model.buffers():
            buffer.add_(torch.rand_like(buffer) if buffer.is_floating_point() else 5)
    return model.eval()


def write(name: str, folder: Path, task: str = "ForImageClassification", **more: Any) -> Path:
    """Write a random model into a folder."""
    build(name, task, **more).save_pretrained(folder)
    return folder


def plan(folder: Path, outputs: int = len(LABELS), **fields: Any) -> ModelPlan:
    """Return the plan of a folder."""
    return plan_pretrained(AnyModelSpec(pretrained=str(folder), **fields), folder, SequenceHead(outputs), 0)


def batch(shape: tuple[int, int, int], examples: int = 6, key: int = 0) -> Batch:
    """Return a batch of drawn images, float64 [examples, channels, height, width]."""
    return Batch(
        inputs={"pixel_values": generator(0, "images", key).standard_normal((examples, *shape))},
        targets={"labels": np.arange(examples, dtype=np.int32) % 3},
        weights=np.ones(examples, dtype=np.float32),
        example_ids=np.arange(examples, dtype=np.int64) + 100 * key,
    )


def shape(name: str) -> tuple[int, int, int]:
    """Return the shape of the images of a model: [channels, height, width]."""
    fields = CONFIGS[name][1]
    size = fields.get("image_size", [22, 17])
    height, width = size if isinstance(size, list) else (size, size)
    return fields.get("num_channels", 3), height, width
