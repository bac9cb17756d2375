"""Cases of families that read images."""

from typing import Any

from ftcore.conformance.families.base import FamilyCases, each
from ftcore.conformance.kinds.base import Fields
from ftcore.conformance.kinds.image_classifier import IMAGE_CLASSIFIER

VIT: dict[str, Any] = {
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 8,
    "patch_size": 4,
    "num_channels": 3,
}
OBLONG: dict[str, Any] = {"image_size": [8, 15], "patch_size": [2, 4], "num_channels": 2}
NO_BIASES: dict[str, Any] = {"qkv_bias": False, "hidden_act": "relu", "layer_norm_eps": 1e-2}
VIT_OPTIONS: tuple[tuple[Fields, ...], ...] = (
    each("hidden_act", "gelu", "gelu_new", "relu", "silu", "tanh"),
    each("layer_norm_eps", 1e-12, 1e-2),
    each("num_hidden_layers", 1, 2),
    each("qkv_bias", True, False),
    ({}, OBLONG, {"image_size": 9, "patch_size": 3}, {"num_channels": 1, "image_size": [4, 12]}),
    (
        {"num_attention_heads": 1},
        {"hidden_size": 12, "num_attention_heads": 4},
        {"hidden_size": 10, "intermediate_size": 7},
    ),
)
# The convolution of a shortcut would read the stem's max pooling, which is positive everywhere in some channels. Batch
# normalization removes the stem's shift of those, so its gradient is only rounding, which AdamW turns into full steps
# in float32. Therefore the first block has no shortcut convolution.
RESNET: dict[str, Any] = {"num_channels": 3, "embedding_size": 8, "hidden_sizes": [8, 16], "depths": [2, 1]}
BASIC: dict[str, Any] = {"layer_type": "basic", "embedding_size": 6, "hidden_sizes": [6, 10, 7], "depths": [1, 2, 1]}
EARLY: dict[str, Any] = {
    "embedding_size": 6,
    "downsample_in_bottleneck": True,
    "downsample_in_first_stage": True,
    "hidden_act": "gelu",
}
IMAGES = (
    FamilyCases(
        "vit",
        VIT,
        {"no biases, oblong, relu, epsilon 1e-2": {**NO_BIASES, **OBLONG}},
        VIT_OPTIONS,
        kind=IMAGE_CLASSIFIER,
    ),
    FamilyCases(
        "deit",
        VIT,
        {"no biases, oblong, relu, epsilon 1e-2": {**NO_BIASES, **OBLONG}},
        VIT_OPTIONS,
        kind=IMAGE_CLASSIFIER,
    ),
    FamilyCases(
        "resnet",
        RESNET,
        {
            "basic": BASIC,
            "narrow early, downsampled at once, gelu": {**EARLY, "num_channels": 2},
        },
        (
            (
                {},
                BASIC,
                {"hidden_sizes": [4, 8, 8], "depths": [1, 1, 2]},
                {"layer_type": "basic", "hidden_sizes": [6], "depths": [2]},
            ),
            each("downsample_in_bottleneck", False, True),
            each("downsample_in_first_stage", False, True),
            each("hidden_act", "relu", "gelu"),
            each("embedding_size", 6, 8),
            each("num_channels", 1, 3),
        ),
        kind=IMAGE_CLASSIFIER,
    ),
)
