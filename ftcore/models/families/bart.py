"""BART (Lewis et al. 2020) and encoder-decoders of its form: mBART, Marian and Pegasus.

mBART and Pegasus are pre-norm; Marian and Pegasus have sinusoidal positions.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftcore.contract.network import EncoderDecoder, FeedForward, Norm, NormPlace, Transformer
from ftcore.models.families import fields, post_norm
from ftcore.models.families.activations import ACTIVATIONS
from ftcore.models.families.encoder_decoder import Config, EncoderDecoderFamily
from ftcore.models.families.parameters import Names

DEFAULTS: dict[str, Any] = {
    "vocab_size": 50265,
    "max_position_embeddings": 1024,
    "encoder_layers": 12,
    "encoder_ffn_dim": 4096,
    "encoder_attention_heads": 16,
    "decoder_layers": 12,
    "decoder_ffn_dim": 4096,
    "decoder_attention_heads": 16,
    "d_model": 1024,
    "pad_token_id": 1,
    "scale_embedding": False,
}
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "encoder_layerdrop": (0.0, 0, None),
    "decoder_layerdrop": (0.0, 0, None),
    "tie_word_embeddings": (True, None),
    "share_encoder_decoder_embeddings": (True, None),
}
DROPOUTS = ("dropout", "attention_dropout", "activation_dropout")
LEARNED_OFFSET = 2
"""The row of the first token in a learned table of positions."""
IGNORED = re.compile(r"(model\.)?(encoder|decoder)\.version")


@dataclass(frozen=True)
class Form:
    """The differences between the families.

    Attributes:
        norm_place: "after" or "before".
        embedding_norm: whether the embeddings are normalized.
        static_positions: whether positions are sinusoids.
    """

    norm_place: NormPlace
    embedding_norm: bool
    static_positions: bool


def _body(form: Form, config: Config) -> EncoderDecoder:
    encoder, decoder = (_part(form, config, part) for part in ("encoder", "decoder"))
    return EncoderDecoder(encoder, decoder, shared_tokens=True)


def _part(form: Form, config: Config, part: str) -> Transformer:
    hidden, heads = fields.count(config, "d_model", 1024), fields.count(config, f"{part}_attention_heads", 16)
    attention = partial(post_norm.attention, hidden, heads, ("d_model", f"{part}_attention_heads"))
    vocabulary = fields.count(config, "vocab_size", 50265)
    fields.refuse(config, {"decoder_vocab_size": (vocabulary, None)})
    pad_row = fields.row(config, "pad_token_id", 1, vocabulary)
    dropout, offset = fields.rate(config, "dropout", 0.1), 0 if form.static_positions else LEARNED_OFFSET
    return Transformer(
        vocabulary=vocabulary,
        positions=fields.count(config, "max_position_embeddings", 1024) + offset,
        token_types=0,
        hidden=hidden,
        blocks=fields.count(config, f"{part}_layers", 12, largest=fields.MOST_BLOCKS),
        attention=attention(causal=part == "decoder"),
        feed_forward=FeedForward(
            fields.count(config, f"{part}_ffn_dim", 4096),
            fields.choice(config, "activation_function", "gelu", ACTIVATIONS),
        ),
        norm=Norm(1e-5),
        hidden_dropout=dropout,
        attention_dropout=fields.rate(config, "attention_dropout", 0.0),
        mixed_dropout=dropout,
        feed_forward_dropout=dropout,
        initializer_range=fields.positive(config, "init_std", 0.02),
        pad_token=pad_row or 0,
        untrained_token=pad_row,
        first_position=offset,
        norm_place=form.norm_place,
        embedding_norm=form.embedding_norm,
        final_norm=form.norm_place == "before",
        embedding_scale=math.sqrt(hidden) if fields.flag(config, "scale_embedding", False) else 1.0,
        static_positions=form.static_positions,
        cross_attention=attention() if part == "decoder" else None,
        inner_dropout=fields.rate(config, "activation_dropout", 0.0),
    )


def _names(form: Form, config: Config) -> tuple[Names, Names]:
    return _names_of(form, "encoder"), _names_of(form, "decoder")


def _names_of(form: Form, part: str) -> Names:
    attentions = {"attention": "self_attn", "cross_attention": "encoder_attn"}
    own = {path: name for path, name in attentions.items() if part == "decoder" or path == "attention"}
    maps = {"query": "q_proj", "key": "k_proj", "value": "v_proj", "output": "out_proj"}
    return Names(
        f"model.{part}.",
        "layers.{}",
        dense={
            **{f"{path}.{key}": f"{name}.{stored}" for path, name in own.items() for key, stored in maps.items()},
            "feed_forward.inner": "fc1",
            "feed_forward.outer": "fc2",
        },
        norms={
            **{f"{path}.norm": f"{name}_layer_norm" for path, name in own.items()},
            "feed_forward.norm": "final_layer_norm",
        },
        dropouts={
            **{f"{path}.weights": name for path, name in own.items()},
            **{path: f"{name}.out_proj:output" for path, name in own.items()},
            "feed_forward.inner": "fc2:input",
            "feed_forward": "fc2:output",
        },
        outside={
            "embeddings.positions": "embed_positions",
            "embeddings.norm": "layernorm_embedding",
            "final_norm": "layer_norm",
        },
        embedding_dropout="layers.0:input",
    )


def _family(name: str, model: str, form: Form, saves_positions: bool = True, **defaults: Any) -> EncoderDecoderFamily:
    body: Callable[[Config], EncoderDecoder] = partial(_body, form)
    return EncoderDecoderFamily(
        name,
        model,
        {**DEFAULTS, **defaults},
        body,
        partial(_names, form),
        prefix="model.",
        ignored=IGNORED,
        dropouts=DROPOUTS,
        neutral=NEUTRAL,
        logits_bias=True,
        saves_positions=saves_positions,
    )


BARTS = (
    _family("bart", "BartForConditionalGeneration", Form("after", True, False)),
    _family("mbart", "MBartForConditionalGeneration", Form("before", True, False)),
    _family(
        "marian",
        "MarianMTModel",
        Form("after", False, True),
        saves_positions=False,
        vocab_size=58101,
        pad_token_id=58100,
    ),
    _family("pegasus", "PegasusForConditionalGeneration", Form("before", False, True), pad_token_id=0),
)
