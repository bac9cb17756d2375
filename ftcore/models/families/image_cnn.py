"""Image CNN: blocks of 3x3 convolution, activation and 2x2 max pooling, then one or two linear maps.

It has no batch normalization, which would couple the examples of a batch, so that splitting it changes the result.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ftcore.contract.network import Architecture, Dense, Head, ImageConvolution, Parameter, Pooling
from ftcore.errors import ModelError
from ftcore.models.families import fields, native

FIELDS = native.Fields(
    ("image_size",),
    ("num_channels", "block_channels", "activation", "reading", "hidden_size"),
    (),
    {"batch_norm": (False, None), "kernel_size": (3, [3, 3], None)},
)
READINGS = {name: name for name in ("flatten", "mean")}


@dataclass(frozen=True)
class ImageCnn:
    """A small network for images of one size."""

    name: str = "image-cnn"
    prefix: str = ""
    body_class: str = ""
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"
    classifier_class: str = "FtcoreImageCnnClassifier"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config, whose `image_size` is [height, width]."""
        config = FIELDS.checked(config, dropout)
        body = _body(config)
        inputs = (body.channels, *body.blocks[:-1])
        blocks = [_convolution(number, *sizes) for number, sizes in enumerate(zip(body.blocks, inputs, strict=True))]
        return Architecture(body, tuple(itertools.chain(*blocks)), self.name, config)

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: with `hidden_size` a linear map and the activation; dropout, one linear map."""
        body, config = architecture.body, architecture.config
        if not isinstance(body, ImageConvolution):
            raise TypeError(f"a {type(body).__name__} reads no images")
        if pooling != "pooler" or pair == "separate":
            raise ModelError(f"{self.name}: an image has no pooling {pooling} and no pairs: set reading in its config")
        if config.get("hidden_size") is None:
            return native.head(architecture, body.size, outputs, pooling, pair)
        hidden = fields.count(config, "hidden_size", 0)
        found = native.head(architecture, hidden, outputs, pooling, pair)
        parameters = (*native.linear("pooler", "hidden", hidden, body.size), *found.parameters)
        return replace(found, pooler=Dense("pooler", body.activation), parameters=parameters)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return only the name."""
        return (name,)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is one of the head that is not needed."""
        return name in (*native.IGNORED, "hidden.weight", "hidden.bias")


def _convolution(number: int, outputs: int, inputs: int) -> list[Parameter]:
    name = f"convolutions.{number}"
    return native.linear(name, name, outputs, inputs, (3, 3))


def _body(config: Mapping[str, Any]) -> ImageConvolution:
    size = fields.counts(config, "image_size", ())
    if len(size) != 2:
        raise ModelError(f"image_size is {list(size)}, but must be [height, width]")
    blocks = fields.counts(config, "block_channels", (32, 64))
    if min(size) >> len(blocks) == 0:
        raise ModelError(
            f"image_size {list(size)} is halved by each of the {len(blocks)} blocks of block_channels, and is too "
            "small: give fewer blocks"
        )
    return ImageConvolution(
        channels=fields.count(config, "num_channels", 3),
        height=size[0],
        width=size[1],
        blocks=blocks,
        activation=fields.choice(config, "activation", "relu", native.ACTIVATIONS),
        reading=fields.choice(config, "reading", "flatten", READINGS),
    )
