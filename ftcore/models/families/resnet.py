"""ResNet (He et al. 2016) with the structure and the names of transformers' ResNetForImageClassification."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.contract.network import (
    Architecture,
    Convolution,
    Dense,
    Head,
    Parameter,
    Pooling,
    ResidualBlock,
    ResidualConvolution,
)
from ftcore.errors import ModelError
from ftcore.models.families import fields, native, parameters
from ftcore.models.families.activations import ACTIVATIONS

PREFIX = "resnet."
CLASSIFIER = "classifier.1"
REDUCTION = 4
"""A block has this many times the channels of its bottleneck."""
EPSILON, MOMENTUM = 1e-5, 0.1
"""torch.nn.BatchNorm2d's defaults, which no config changes."""
BLOCKS = {"basic": False, "bottleneck": True}
"""Each layer_type, and whether its blocks have a bottleneck."""
NEUTRAL: dict[str, tuple[Any, ...]] = {"quantization_config": (None,), "auto_map": ({}, None)}
"""Fields that change the mathematics, with the values that do not."""
IGNORED = re.compile(r"classifier\.1\.(weight|bias)")


@dataclass(frozen=True)
class ResNet:
    """ResNet; transformers uses ReLU within a block, whatever hidden_act is."""

    name: str = "resnet"
    prefix: str = PREFIX
    kept: tuple[str, ...] = ()
    body_class: str = "ResNetModel"
    classifier_class: str = "ResNetForImageClassification"
    pooling: Pooling = "mean"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        fields.refuse(config, NEUTRAL)
        if dropout:
            raise ModelError(f"model.dropout: given {dropout}, but resnet has no dropout: leave it out")
        body = _body(config)
        named = list(_named(body))
        return Architecture(
            body,
            tuple(parameter for one in named for parameter in _parameters(*one)),
            self.name,
            config,
            buffers=tuple(buffer for path, name, one in named for buffer in _buffers(path, name, one.outputs)),
            transformers=parameters.in_transformers(self),
        )

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: a linear map of the mean of every channel."""
        if not isinstance(architecture.body, ResidualConvolution):
            raise TypeError(f"a {type(architecture.body).__name__} has no stages")
        if pooling != self.pooling or pair == "separate":
            raise ModelError(f"model.pooling: given {pooling}, but resnet pools images, not pairs: allowed: mean")
        classifier = native.linear("classifier", CLASSIFIER, outputs, architecture.body.size) if outputs else []
        return Head(
            outputs=outputs,
            pooling=pooling,
            pooler=None,
            pair="single",
            classifier=Dense("classifier") if outputs else None,
            dropout=0.0,
            parameters=tuple(classifier),
        )

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "resnet."."""
        return parameters.without_prefix(name, self.prefix)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a classifier that is not needed."""
        return IGNORED.fullmatch(name) is not None


def _body(config: Mapping[str, Any]) -> ResidualConvolution:
    depths, sizes = fields.counts(config, "depths", (3, 4, 6, 3)), _sizes(config)
    if len(depths) != len(sizes):
        raise ModelError(f"there are {len(depths)} depths and {len(sizes)} hidden_sizes; give one of each per stage")
    stem = Convolution(7, fields.count(config, "num_channels", 3), fields.count(config, "embedding_size", 64), 2)
    strides = [2 if fields.flag(config, "downsample_in_first_stage", False) else 1, *[2] * (len(sizes) - 1)]
    inputs = [stem.outputs, *sizes[:-1]]
    stages = zip(inputs, sizes, strides, depths, strict=True)
    return ResidualConvolution(
        stem=stem,
        stages=tuple(_stage(config, *stage) for stage in stages),
        activation=fields.choice(config, "hidden_act", "relu", ACTIVATIONS),
        inner_activation="relu",
        epsilon=EPSILON,
        momentum=MOMENTUM,
    )


def _sizes(config: Mapping[str, Any]) -> tuple[int, ...]:
    sizes = fields.counts(config, "hidden_sizes", (256, 512, 1024, 2048))
    if _narrows(config) and min(sizes) < REDUCTION:
        raise ModelError(
            f"hidden_sizes are {list(sizes)}, but must be at least {REDUCTION}: a bottleneck has a quarter of them"
        )
    return sizes


def _narrows(config: Mapping[str, Any]) -> bool:
    narrows: bool = fields.choice(config, "layer_type", "bottleneck", BLOCKS)
    return narrows


def _stage(config: Mapping[str, Any], inputs: int, outputs: int, stride: int, depth: int) -> tuple[ResidualBlock, ...]:
    early = fields.flag(config, "downsample_in_bottleneck", False)
    first = _block(inputs, outputs, stride, _narrows(config), early)
    return (first, *[_block(outputs, outputs, 1, _narrows(config), early)] * (depth - 1))


def _block(inputs: int, outputs: int, stride: int, narrows: bool, early: bool) -> ResidualBlock:
    """Return a block; `early` is whether the first map of a bottleneck has the stride, instead of its 3x3 map."""
    shortcut = Convolution(1, inputs, outputs, stride) if inputs != outputs or stride != 1 else None
    if not narrows:
        return ResidualBlock((Convolution(3, inputs, outputs, stride), Convolution(3, outputs, outputs)), shortcut)
    narrow = outputs // REDUCTION
    convolutions = (
        Convolution(1, inputs, narrow, stride if early else 1),
        Convolution(3, narrow, narrow, 1 if early else stride),
        Convolution(1, narrow, outputs),
    )
    return ResidualBlock(convolutions, shortcut)


def _named(body: ResidualConvolution) -> Iterator[tuple[str, str, Convolution]]:
    """Yield every convolution with its canonical path and its checkpoint name."""
    yield "stem", f"{PREFIX}embedder.embedder", body.stem
    for stage, blocks in enumerate(body.stages):
        for number, block in enumerate(blocks):
            path, name = f"stages.{stage}.{number}", f"{PREFIX}encoder.stages.{stage}.layers.{number}"
            for place, convolution in enumerate(block.convolutions):
                yield f"{path}.{place}", f"{name}.layer.{place}", convolution
            if block.shortcut is not None:
                yield f"{path}.shortcut", f"{name}.shortcut", block.shortcut


def _parameters(path: str, name: str, convolution: Convolution) -> list[Parameter]:
    """Return a convolution's parameters; new weights are drawn as transformers draws them (He et al. 2015)."""
    outputs, window = convolution.outputs, (convolution.window, convolution.window)
    weight = Parameter(
        f"{name}.convolution.weight",
        f"{path}.weight",
        (outputs, convolution.inputs, *window),
        "weight",
        "normal",
        deviation=math.sqrt(2.0 / (outputs * math.prod(window))),
    )
    return [
        weight,
        Parameter(f"{name}.normalization.weight", f"{path}.norm.scale", (outputs,), "norm", "ones"),
        Parameter(f"{name}.normalization.bias", f"{path}.norm.shift", (outputs,), "norm", "zeros"),
    ]


def _buffers(path: str, name: str, outputs: int) -> list[Parameter]:
    name, path = f"{name}.normalization", f"{path}.norm"
    return [
        Parameter(f"{name}.running_mean", f"{path}.mean", (outputs,), "statistic", "zeros"),
        Parameter(f"{name}.running_var", f"{path}.variance", (outputs,), "statistic", "ones"),
        Parameter(f"{name}.num_batches_tracked", f"{path}.steps", (), "count", "zeros"),
    ]
