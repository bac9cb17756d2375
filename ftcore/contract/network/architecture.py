"""A body with its parameters under both names."""

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
"""What can read tokens."""
NativeBody = Features | Recurrent | TextConvolution | ImageConvolution
"""What transformers does not have."""


@dataclass(frozen=True)
class TransformersNames:
    """What transformers calls the models of a family; "" what it does not have.

    Attributes:
        body_class: the class of the body alone.
        language_model_class: the class of the language model.
        prefix: what names of the body begin with in a model with a head: "bert."; "" where they have no prefix.
    """

    body_class: str = ""
    language_model_class: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class Architecture:
    """A body with its parameters under both names.

    Attributes:
        body: what is computed.
        parameters: every parameter of the body.
        family: `model_type` of the Hugging Face config ("" for a native body).
        config: the Hugging Face config as read, with the spec's dropout put in; written back with the result.
        packs: whether several sequences in a row, each attending within itself, give what each gives alone.
        float32_inside: whether transformers computes parts of it in float32 whatever the model's type (RMSNorm, rotary
            angles), so that float64 agrees with it to no more than that.
        dropout_modules: each place that drops, by canonical path, to its module in transformers' body:
            "blocks.0.attention.weights" to "encoder.layer.0.attention.self.dropout"; in a family of ftcore's own to
            itself. Where transformers drops by a function, a module before or after it: "layers.0.fc2:input" is what
            fc2 is given, ":output" what it gives.
        module_names: each parameter whose name in transformers' model is another than in the checkpoint, to that name.
        buffers: what is saved beside the parameters.
        transformers: its names in transformers; none of a family of ftcore's own.
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
        """What an example is: tokens, an image, a sequence of ready vectors, or ready features."""
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
        """The table that token ids are looked up in; None where the inputs are no tokens."""
        return next((one for one in self.parameters if one.path == TABLE_PATH), None)

    @property
    def token_tables(self) -> tuple[Parameter, ...]:
        """Every such table: of an encoder-decoder one, or the encoder's and the decoder's."""
        return tuple(one for one in self.parameters if one.path.endswith(TABLE_PATH))

    @property
    def generates(self) -> bool:
        """Whether a language model of it predicts the next token of a text."""
        body = self.body
        return isinstance(body, EncoderDecoder) or (isinstance(body, Transformer) and body.attention.causal)
