"""ViT (Dosovitskiy et al. 2021), pre-norm blocks over patches of an image, and DeiT (Touvron et al. 2021)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ftcore.contract.network import Architecture, FeedForward, Head, Norm, Patches, Pooling, Transformer
from ftcore.errors import ModelError
from ftcore.models.families import fields, heads, parameters, post_norm
from ftcore.models.families.activations import ACTIVATIONS
from ftcore.models.families.parameters import Names

DENSE = {**post_norm.BLOCK_DENSE} | {
    f"attention.{name}": f"attention.attention.{name}" for name in ("query", "key", "value")
}
OUTSIDE = {
    "embeddings.class_token": "embeddings.cls_token",
    "embeddings.distillation_token": "embeddings.distillation_token",
    "embeddings.positions": "embeddings.position_embeddings",
    "embeddings.projection": "embeddings.patch_embeddings.projection",
    "final_norm": "layernorm",
}
MODULES = {
    "encoder.layer.": "layers.",
    ".attention.attention.query": ".attention.q_proj",
    ".attention.attention.key": ".attention.k_proj",
    ".attention.attention.value": ".attention.v_proj",
    ".attention.output.dense": ".attention.o_proj",
    ".intermediate.dense": ".mlp.fc1",
    ".output.dense": ".mlp.fc2",
}
"""Parts of checkpoint names and their names in transformers' model, which renames them in this order."""
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "quantization_config": (None,),
    "auto_map": ({}, None),
    "pruned_heads": ({}, None),
}
"""Fields that change the mathematics, with the values that do not."""
DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob")
"""The dropout rates of a config."""
# Tensors for masked images, a pooler, and the classifiers of this task and of distillation.
IGNORED = re.compile(
    r"((vit|deit)\.)?(embeddings\.mask_token|pooler\.dense\.(weight|bias))"
    r"|(classifier|cls_classifier|distillation_classifier|decoder\.0)\.(weight|bias)"
)


@dataclass(frozen=True)
class VisionTransformer:
    """ViT or DeiT; names are those of transformers' ...ForImageClassification.

    Attributes:
        stem: stem of transformers' class names: "ViT".
        leading: the learned tokens before the patches.
    """

    name: str
    stem: str
    leading: tuple[str, ...]
    kept: tuple[str, ...] = ()
    pooling: Pooling = "cls"

    @property
    def prefix(self) -> str:
        """Prefix of the names of the body in a model with a head."""
        return f"{self.name}."

    @property
    def body_class(self) -> str:
        """The body's class in transformers."""
        return f"{self.stem}Model"

    @property
    def classifier_class(self) -> str:
        """The image classifier's class in transformers."""
        return f"{self.stem}ForImageClassification"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        config = fields.with_dropout(config, DROPOUTS, dropout)
        body = _body(config, self.leading)
        fields.refuse(config, {**NEUTRAL, "head_dim": (body.attention.channels, None)})
        found = parameters.architecture(self, body, _names(self.prefix), config, None, packs=False)
        return replace(
            found,
            dropout_modules={site: _in_modules(module) for site, module in found.dropout_modules.items()},
            module_names={one.name: _in_modules(one.name) for one in found.parameters},
        )

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: a linear map of the class token, or of another pooling."""
        return heads.head(architecture, outputs, pooling, pair, classifier="classifier")

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the names in files and in transformers' model, each with and without the body's prefix."""
        every = dict.fromkeys((name, _in_modules(name)))
        return tuple(alias for one in every for alias in parameters.without_prefix(one, self.prefix))

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a pooler, another head, or only needed for masked images."""
        return IGNORED.fullmatch(name) is not None


VITS = (
    VisionTransformer("vit", "ViT", ("class",)),
    VisionTransformer("deit", "DeiT", ("class", "distillation")),
)


def _names(prefix: str) -> Names:
    return Names(
        prefix,
        "encoder.layer.{}",
        DENSE,
        norms={"attention.norm": "layernorm_before", "feed_forward.norm": "layernorm_after"},
        # A block of transformers has one dropout module, for the outputs of attention and of the feed-forward.
        dropouts={"attention.weights": "attention", "attention": "dropout", "feed_forward": "dropout"},
        outside=OUTSIDE,
        embedding_dropout="embeddings.dropout",
    )


def _in_modules(name: str) -> str:
    """Return the name in transformers' model for the name of a module or parameter in a checkpoint."""
    for stored, own in MODULES.items():
        name = name.replace(stored, own)
    return name


def _body(config: Mapping[str, Any], leading: tuple[str, ...]) -> Transformer:
    hidden, count = fields.count(config, "hidden_size", 768), fields.count(config, "num_attention_heads", 12)
    patches = _patches(config, leading)
    biases = {"query", "key", "value", "output"} if fields.flag(config, "qkv_bias", True) else {"output"}
    dropout = fields.rate(config, "hidden_dropout_prob", 0.0)
    return Transformer(
        vocabulary=0,
        positions=len(leading) + patches.grid[0] * patches.grid[1],
        token_types=0,
        hidden=hidden,
        blocks=fields.count(config, "num_hidden_layers", 12, largest=fields.MOST_BLOCKS),
        attention=post_norm.attention(hidden, count, ("hidden_size", "num_attention_heads"), biases=frozenset(biases)),
        feed_forward=FeedForward(
            fields.count(config, "intermediate_size", 3072), fields.choice(config, "hidden_act", "gelu", ACTIVATIONS)
        ),
        norm=Norm(fields.positive(config, "layer_norm_eps", 1e-12)),
        hidden_dropout=dropout,
        attention_dropout=fields.rate(config, "attention_probs_dropout_prob", 0.0),
        mixed_dropout=dropout,
        feed_forward_dropout=dropout,
        initializer_range=fields.positive(config, "initializer_range", 0.02),
        pad_token=0,
        norm_place="before",
        embedding_norm=False,
        final_norm=True,
        patches=patches,
    )


def _patches(config: Mapping[str, Any], leading: tuple[str, ...]) -> Patches:
    (height, width), (down, across) = fields.size(config, "image_size", 224), fields.size(config, "patch_size", 16)
    if down > height or across > width:
        raise ModelError(f"patch_size {down} x {across} is larger than image_size {height} x {width}")
    return Patches(fields.count(config, "num_channels", 3), height, width, down, across, leading)
