"""T5 (Raffel et al. 2020), its version 1.1 as in Flan-T5, and mT5: pre-norm, relative positions, unscaled attention."""

import re
from dataclasses import replace
from typing import Any

from ftcore.contract.network import Attention, EncoderDecoder, FeedForward, Norm, RelativePositions, Transformer
from ftcore.models.families import fields
from ftcore.models.families.activations import ACTIVATIONS
from ftcore.models.families.encoder_decoder import Config, EncoderDecoderFamily
from ftcore.models.families.parameters import Names

DEFAULTS: dict[str, Any] = {
    "vocab_size": 32128,
    "d_model": 512,
    "d_kv": 64,
    "d_ff": 2048,
    "num_layers": 6,
    "num_heads": 8,
    "feed_forward_proj": "relu",
    "pad_token_id": 0,
    "decoder_start_token_id": 0,
}
MT5_DEFAULTS: dict[str, Any] = {
    **DEFAULTS,
    "vocab_size": 250112,
    "d_ff": 1024,
    "num_layers": 8,
    "num_heads": 6,
    "feed_forward_proj": "gated-gelu",
}
LONGEST = 2**20
"""Most tokens of a text; without a table of positions, models set no limit."""
# In older checkpoints the first block's cross-attention has an unused table.
IGNORED = re.compile(r"decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight")


def _body(config: Config) -> EncoderDecoder:
    blocks = fields.count(config, "num_layers", 6, largest=fields.MOST_BLOCKS)
    given = {"num_decoder_layers": fields.given(config, "num_decoder_layers") or blocks}
    decoder_blocks = fields.count(given, "num_decoder_layers", blocks, largest=fields.MOST_BLOCKS)
    cross = _attention(config, causal=False)
    return EncoderDecoder(
        _part(config, blocks, causal=False),
        _part(config, decoder_blocks, causal=True, cross_attention=cross),
        shared_tokens=True,
    )


def _part(config: Config, blocks: int, causal: bool, **more: Any) -> Transformer:
    dropout = fields.rate(config, "dropout_rate", 0.1)
    hidden = fields.count(config, "d_model", 512)
    return Transformer(
        vocabulary=fields.count(config, "vocab_size", 32128),
        positions=LONGEST,
        token_types=0,
        hidden=hidden,
        blocks=blocks,
        attention=replace(_attention(config, causal), relative=_relative_positions(config, not causal)),
        feed_forward=_feed_forward(config),
        norm=Norm(fields.positive(config, "layer_norm_epsilon", 1e-6), "rms"),
        hidden_dropout=dropout,
        attention_dropout=dropout,
        mixed_dropout=dropout,
        feed_forward_dropout=dropout,
        initializer_range=fields.positive(config, "initializer_factor", 1.0) * hidden**-0.5,
        pad_token=fields.row(config, "pad_token_id", 0, fields.count(config, "vocab_size", 1)) or 0,
        position_table=False,
        norm_place="before",
        embedding_norm=False,
        final_norm=True,
        inner_dropout=dropout,
        final_dropout=dropout,
        **more,
    )


def _attention(config: Config, causal: bool) -> Attention:
    heads = fields.count(config, "num_heads", 8)
    return Attention(heads, fields.count(config, "d_kv", 64), heads, 1.0, frozenset(), causal=causal)


def _relative_positions(config: Config, bidirectional: bool) -> RelativePositions:
    return RelativePositions(
        fields.count(config, "relative_attention_num_buckets", 32),
        fields.count(config, "relative_attention_max_distance", 128),
        bidirectional,
    )


def _feed_forward(config: Config) -> FeedForward:
    """Return the feed-forward of "ACTIVATION" or "gated-ACTIVATION"; "gated-gelu" means the tanh formula."""
    kind, activation = _projection(config)
    named = "gelu_new" if (kind, activation) == ("gated", "gelu") else activation
    function = fields.choice({"feed_forward_proj": named}, "feed_forward_proj", "relu", ACTIVATIONS)
    return FeedForward(fields.count(config, "d_ff", 2048), function, gated=kind == "gated", biases=frozenset())


def _projection(config: Config) -> tuple[str, str]:
    kind, _, activation = str(fields.given(config, "feed_forward_proj")).rpartition("-")
    return kind, activation


def _names(config: Config) -> tuple[Names, Names]:
    return _names_of("encoder.", 1, config), _names_of("decoder.", 2, config)


def _names_of(prefix: str, last: int, config: Config) -> Names:
    attentions = {"attention": "layer.0.SelfAttention", "cross_attention": "layer.1.EncDecAttention"}
    letters = {"query": "q", "key": "k", "value": "v", "output": "o"}
    feed_forward = f"layer.{last}.DenseReluDense"
    inner = {"gate": "wi_0", "inner": "wi_1"} if _projection(config)[0] == "gated" else {"inner": "wi"}
    own = [path for path in attentions if last == 2 or path == "attention"]
    layers = {path: f"layer.{number}" for number, path in enumerate((*own, "feed_forward"))}
    return Names(
        prefix,
        "block.{}",
        dense={
            **{f"{path}.{name}": f"{attentions[path]}.{letter}" for path in own for name, letter in letters.items()},
            **{f"feed_forward.{name}": f"{feed_forward}.{stored}" for name, stored in {**inner, "outer": "wo"}.items()},
        },
        norms={f"{path}.norm": f"{layer}.layer_norm" for path, layer in layers.items()},
        dropouts={
            **{f"{path}.weights": attentions[path] for path in own},
            **{path: f"{layer}.dropout" for path, layer in layers.items()},
            "feed_forward.inner": f"{feed_forward}.dropout",
        },
        outside={
            "relative_positions": "block.0.layer.0.SelfAttention.relative_attention_bias",
            "final_norm": "final_layer_norm",
        },
        # transformers uses one module for both places.
        embedding_dropout="block.0:input",
        final_dropout="final_layer_norm:output",
    )


def _scale(config: Config) -> float:
    """Return the factor of T5's hidden states before the head; 1 for version 1.1, whose configs do not tie."""
    scales = fields.given(config, "scale_decoder_outputs")
    if scales is None:
        scales = fields.given(config, "tie_word_embeddings") is not False
    return fields.count(config, "d_model", 512) ** -0.5 if scales else 1.0


def _deviations(config: Config) -> dict[str, float]:
    """Return the standard deviations of new parameters (mesh TensorFlow's), which make scaled scores unnecessary."""
    factor, hidden = fields.positive(config, "initializer_factor", 1.0), fields.count(config, "d_model", 512)
    heads, channels = fields.count(config, "num_heads", 8), fields.count(config, "d_kv", 64)
    return {
        "embeddings.tokens": factor,
        "attention.query.weight": factor * (hidden * channels) ** -0.5,
        "attention.output.weight": factor * (heads * channels) ** -0.5,
        "feed_forward.outer.weight": factor * fields.count(config, "d_ff", 2048) ** -0.5,
    }


T5 = EncoderDecoderFamily(
    "t5",
    "T5ForConditionalGeneration",
    DEFAULTS,
    _body,
    _names,
    prefix="",
    ignored=IGNORED,
    dropouts=("dropout_rate",),
    scale=_scale,
    deviations=_deviations,
)
MT5 = EncoderDecoderFamily(
    "mt5",
    "MT5ForConditionalGeneration",
    MT5_DEFAULTS,
    _body,
    _names,
    prefix="",
    ignored=IGNORED,
    dropouts=("dropout_rate",),
    deviations=_deviations,
)
