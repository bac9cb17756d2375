"""Describes the architecture of a network: its body, and the names of its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ftcore.contract.network.encoder_decoder import EncoderDecoder
from ftcore.contract.network.features import Features
from ftcore.contract.network.image_convolution import ImageConvolution
from ftcore.contract.network.parameter import TABLE_PATH, Parameter
from ftcore.contract.network.recurrent import Recurrent
from ftcore.contract.network.residual_convolution import ResidualConvolution
from ftcore.contract.network.text_convolution import TextConvolution
from ftcore.contract.network.transformer import Transformer

Input = Literal["tokens", "images", "vectors", "features"]
TokenBody = Transformer | EncoderDecoder | Recurrent | TextConvolution
"""Bodies that read tokens."""
NativeBody = Features | Recurrent | TextConvolution | ImageConvolution
"""Bodies that transformers does not have."""


@dataclass(frozen=True)
class TransformersNames:
    """Names of a family's models in transformers; "" if transformers does not have one.

    Attributes:
        body_class: the class of the body alone.
        language_model_class: the class of the language model.
        prefix: prefix of the body's names in a model with a head, such as "bert."; "" for no prefix.
    """

    body_class: str = ""
    language_model_class: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class Architecture:
    """A body with its parameters under their canonical and their checkpoint names.

    Attributes:
        body: description of what is computed.
        parameters: every parameter of the body.
        family: `model_type` of the Hugging Face config ("" for a native body).
        config: the Hugging Face config as read, with the spec's dropout put in; written back with the result.
        packs: whether several sequences in one row, each attending within itself, have the same results as alone.
        float32_inside: whether transformers computes parts of it in float32 for any model type (RMSNorm, rotary
            angles), so that float64 results agree only to float32's precision.
        dropout_modules: maps each dropout site, by canonical path, to its module in transformers' body:
            "blocks.0.attention.weights" to "encoder.layer.0.attention.self.dropout"; in ftcore's own families, to
            itself. Where transformers drops by a function, the module before or after it is named:
            "layers.0.fc2:input" is the input of fc2, ":output" its output.
        module_names: maps each parameter whose name in transformers' model differs from the checkpoint's to that name.
        buffers: tensors that are saved beside the parameters.
        transformers: its names in transformers; empty for ftcore's own families.
    """

    body: Transformer | EncoderDecoder | ResidualConvolution | NativeBody
    parameters: tuple[Parameter, ...]
    family: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    packs: bool = False
    float32_inside: bool = False
    dropout_modules: Mapping[str, str] = field(default_factory=dict)
    module_names: Mapping[str, str] = field(default_factory=dict)
    buffers: tuple[Parameter, ...] = ()
    transformers: TransformersNames = TransformersNames()

    @property
    def reads(self) -> Input:
        """Kind of the input: tokens, an image, a sequence of ready vectors, or ready features."""
        body = self.body
        if isinstance(body, Features):
            return "features"
        if isinstance(body, Transformer) and body.patches is not None:
            return "images"
        if isinstance(body, ImageConvolution | ResidualConvolution):
            return "images"
        return "vectors" if isinstance(body, Recurrent) and body.vocabulary is None else "tokens"

    @property
    def token_table(self) -> Parameter | None:
        """The table in which token ids are looked up; None if the inputs are not tokens."""
        return next((one for one in self.parameters if one.path == TABLE_PATH), None)

    @property
    def token_tables(self) -> tuple[Parameter, ...]:
        """Every table of tokens: an encoder-decoder has a shared one, or the encoder's and the decoder's."""
        return tuple(one for one in self.parameters if one.path.endswith(TABLE_PATH))

    @property
    def generates(self) -> bool:
        """Whether its language model predicts the next token of a text."""
        body = self.body
        return isinstance(body, EncoderDecoder) or (isinstance(body, Transformer) and body.attention.causal)
