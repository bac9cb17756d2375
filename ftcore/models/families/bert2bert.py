"""An encoder-decoder of two BERTs (Rothe et al. 2020), as in transformers' EncoderDecoderModel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ftcore.contract.network import Architecture, EncoderDecoder, Parameter, TokenHead, Transformer
from ftcore.errors import ModelError
from ftcore.models.families import fields, parameters, post_norm
from ftcore.models.families.bert import Bert, masked_head
from ftcore.models.families.parameters import Names

NEUTRAL: dict[str, tuple[Any, ...]] = {
    "is_encoder_decoder": (True, None),
    "quantization_config": (None,),
    "auto_map": ({}, None),
}
DECODES: dict[str, tuple[Any, ...]] = {"is_decoder": (True,), "add_cross_attention": (True,)}
"""Values that the config of the decoder must have, and that of a single BERT must not."""
# Buffers, and copies of what is tied.
IGNORED = re.compile(
    r"(encoder|decoder\.bert)\.embeddings\.(position_ids|token_type_ids)"
    r"|decoder\.cls\.predictions\.decoder\.(weight|bias)"
)


@dataclass(frozen=True)
class Bert2Bert:
    """Two BERTs; each has its own table of tokens."""

    name: str = "encoder-decoder"
    prefix: str = ""
    language_model_class: str = "EncoderDecoderModel"
    head_weight: str = "decoder.cls.predictions.decoder.weight"
    table_copies: tuple[str, ...] = ()

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config, whose fields encoder and decoder are BERT configs."""
        fields.refuse(config, NEUTRAL)
        encoder, decoder = (_part(config, part) for part in ("encoder", "decoder"))
        fields.refuse({"is_decoder": False, "add_cross_attention": False, **decoder}, DECODES)
        encoder = post_norm.checked(encoder, dropout)
        decoder = {
            **post_norm.checked({**decoder, **dict.fromkeys(DECODES, False)}, dropout),
            **dict.fromkeys(DECODES, True),
        }
        body = EncoderDecoder(_body(encoder), _decoding(_body(decoder)), shared_tokens=False)
        if body.encoder.hidden != body.decoder.hidden:
            raise ModelError(
                f"hidden_size is {body.encoder.hidden} of the encoder, {body.decoder.hidden} of the decoder"
            )
        names = (post_norm.bert_names("encoder."), _with_cross_attention(post_norm.bert_names("decoder.bert.")))
        whole = {**config, "encoder": encoder, "decoder": decoder}
        found = parameters.encoder_decoder(self, body, names, whole)
        return replace(found, buffers=_pooler(body.encoder.hidden))

    def is_tied(self, config: Mapping[str, Any]) -> bool:
        """Return true: a config that does not tie is refused, because the head's bias would differ too."""
        return Bert().is_tied(_part(config, "decoder"))

    def token_head(self, architecture: Architecture, tied: bool) -> TokenHead:
        """Return the decoder's head: a dense layer, a norm, and a linear map."""
        if not isinstance(architecture.body, EncoderDecoder):
            raise TypeError(f"a {type(architecture.body).__name__} is not an encoder-decoder")
        return masked_head(architecture.body.decoder, architecture.config["decoder"], "decoder.", tied)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name."""
        return (name,)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a buffer, or a copy of what is tied."""
        return IGNORED.fullmatch(name) is not None


def _part(config: Mapping[str, Any], part: str) -> dict[str, Any]:
    found = fields.given(config, part)
    if not isinstance(found, Mapping):
        raise ModelError(f"{part} is {found!r}, but must be the config of a model")
    if found.get("model_type") != "bert":
        raise ModelError(f"{part}: model_type {found.get('model_type')!r} is not supported; allowed: bert")
    return dict(found)


def _body(config: Mapping[str, Any]) -> Transformer:
    return post_norm.transformer(config, pad_row=post_norm.padding_token(config))


def _decoding(body: Transformer) -> Transformer:
    """Return a BERT's body as a decoder's."""
    return replace(body, attention=replace(body.attention, causal=True), cross_attention=body.attention)


def _with_cross_attention(names: Names) -> Names:
    def of_cross(paths: Mapping[str, str]) -> dict[str, str]:
        own = {path: name for path, name in paths.items() if path.startswith("attention")}
        return {**paths, **{f"cross_{path}": f"cross{name}" for path, name in own.items()}}

    return replace(names, dense=of_cross(names.dense), norms=of_cross(names.norms), dropouts=of_cross(names.dropouts))


def _pooler(hidden: int) -> tuple[Parameter, ...]:
    """Return the encoder's pooler, which is unused but kept by transformers."""
    weight = Parameter("encoder.pooler.dense.weight", "encoder.pooler.weight", (hidden, hidden), "constant", "normal")
    return weight, Parameter("encoder.pooler.dense.bias", "encoder.pooler.bias", (hidden,), "constant", "zeros")
