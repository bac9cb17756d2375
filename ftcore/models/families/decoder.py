"""Base of decoders like Llama: pre-norm, rotary positions, gated feed-forward, no table of positions."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ftcore.contract.network import Architecture, Attention, FeedForward, Head, Norm, Pooling, TokenHead, Transformer
from ftcore.errors import ModelError
from ftcore.models.families import fields, heads, parameters, rotary
from ftcore.models.families.activations import ACTIVATIONS
from ftcore.models.families.parameters import Names

Config = Mapping[str, Any]

NEUTRAL: dict[str, tuple[Any, ...]] = {
    "is_encoder_decoder": (False, None),
    "add_cross_attention": (False, None),
    "quantization_config": (None,),
    "auto_map": ({}, None),
    "use_bidirectional_attention": (False, None),
}
"""Fields that change the mathematics, with the values that do not."""
DENSE = {
    "attention.query": "self_attn.q_proj",
    "attention.key": "self_attn.k_proj",
    "attention.value": "self_attn.v_proj",
    "attention.output": "self_attn.o_proj",
    "feed_forward.gate": "mlp.gate_proj",
    "feed_forward.inner": "mlp.up_proj",
    "feed_forward.outer": "mlp.down_proj",
}
NORMS = {"attention.norm": "input_layernorm", "feed_forward.norm": "post_attention_layernorm"}
HEAD_NORMS = {"attention.query_norm": "self_attn.q_norm", "attention.key_norm": "self_attn.k_norm"}
NAMES = Names(
    prefix="model.",
    layers="layers.{}",
    dense=DENSE,
    norms=NORMS,
    dropouts={"attention.weights": "self_attn"},
    outside={"embeddings.tokens": "embed_tokens", "final_norm": "norm"},
)
# The language model's head if it has its own weights, other heads, and buffers of older versions.
IGNORED = re.compile(r"lm_head\.weight|score\.(weight|bias)|(model\.)?(layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq")
PAD_ID, END_ID = "pad_token_id", "eos_token_id"
CLASSIFIER_DROPOUT = "classifier_dropout"
"""The field with the dropout rate before a token classifier's linear map."""
FULL, SLIDING = "full_attention", "sliding_attention"
"""The kinds of blocks in layer_types."""


@dataclass(frozen=True)
class Decoder:
    """A family of decoders.

    Attributes:
        stem: stem of transformers' class names: "Llama".
        defaults: transformers' defaults of its config's fields.
        body: maps a config with defaults, and the padding token's id, to the body.
        names: names of its modules.
        neutral: further fields that change the mathematics, with the values that do not.
        dropouts: the fields that are dropout rates.
        ignored: tensors that a checkpoint may have besides body and head.
        causal_class: the language model's class in transformers, if it is not "LlamaForCausalLM".
        ties: transformers' default of tie_word_embeddings.
        classifies_tokens: whether transformers has a token classifier for it.
        tokens_classifier_name: the checkpoint's name of the token classifier's linear map.
        deviations: maps a config to the standard deviations of new parameters that differ from initializer_range, by
            the ends of their canonical paths.
    """

    name: str
    stem: str
    defaults: Config
    body: Callable[[Config, int | None], Transformer]
    names: Names = NAMES
    neutral: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    dropouts: tuple[str, ...] = ("attention_dropout",)
    ignored: re.Pattern[str] = IGNORED
    kept: tuple[str, ...] = ()
    pooling: Pooling = "last"
    causal_class: str | None = None
    ties: bool = False
    classifies_tokens: bool = True
    tokens_classifier_name: str = "score"
    deviations: Callable[[Config], Mapping[str, float]] = lambda config: {}
    head_weight: str = "lm_head.weight"
    table_copies: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """Prefix of the names of the body in a model with a head."""
        return self.names.prefix

    @property
    def body_class(self) -> str:
        """The body's class in transformers."""
        return f"{self.stem}Model"

    @property
    def classifier_class(self) -> str:
        """The sequence classifier's class in transformers."""
        return f"{self.stem}ForSequenceClassification"

    @property
    def tokens_classifier_class(self) -> str:
        """The token classifier's class in transformers."""
        return f"{self.stem}ForTokenClassification"

    @property
    def language_model_class(self) -> str:
        """The language model's class in transformers."""
        return self.causal_class or f"{self.stem}ForCausalLM"

    def architecture(self, config: Config, dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        dropouts = (*self.dropouts, CLASSIFIER_DROPOUT)
        pad_row = padding_token(config, self.defaults)
        config = fields.with_dropout({**self.defaults, **config}, dropouts, dropout)
        fields.refuse(config, {**NEUTRAL, **self.neutral})
        body = self.body(config, pad_row)
        whole = {**config, "pad_token_id": pad_row}
        found = parameters.architecture(self, body, self.names, whole, body.untrained_token)
        return parameters.with_deviations(found, self.deviations(config))

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: a linear map without bias, of the last token or another pooling."""
        return heads.head(architecture, outputs, pooling, pair, classifier="score", bias=False)

    def token_classifier(self, architecture: Architecture, outputs: int) -> TokenHead:
        """Return the head for tokens: dropout, one linear map."""
        config = architecture.config
        return heads.token_classifier(
            architecture,
            outputs,
            classifier=self.tokens_classifier_name,
            dropout=fields.rate(config, CLASSIFIER_DROPOUT, fields.rate(config, "hidden_dropout", 0.1)),
            bias=fields.flag(config, "token_classification_bias", True),
        )

    def is_tied(self, config: Config) -> bool:
        """Return whether the language model's head is the token table."""
        return fields.flag(config, "tie_word_embeddings", self.ties)

    def token_head(self, architecture: Architecture, tied: bool) -> TokenHead:
        """Return the language model's head: a linear map without bias, with bounded logits if the config says so."""
        body, bound = transformer_of(architecture), "final_logit_softcapping"
        config = architecture.config
        cap = None if fields.given(config, bound) is None else fields.positive(config, bound, 0.0)
        return heads.token_head(body, tied=tied, classifier="lm_head", cap=cap)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without the body's prefix."""
        return parameters.without_prefix(name, self.prefix)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is the language model's head, another head, or a known buffer."""
        return self.ignored.fullmatch(name) is not None


def transformer_of(architecture: Architecture) -> Transformer:
    """Return the body of an architecture that is a transformer."""
    if not isinstance(architecture.body, Transformer):
        raise TypeError(f"a {type(architecture.body).__name__} is not a decoder")
    return architecture.body


def padding_token(config: Config, defaults: Config) -> int | None:
    """Return the padding token's id: that of the config, else that of the end of a text, else None.

    transformers' classifier needs it to find the last token that is not padding.

    Raises:
        ModelError: it is no row of the token table; the message names the field, and says so if it is a default.
    """
    whole = {**defaults, **config}
    end = fields.given(whole, END_ID)
    first = (end[0] if end else None) if isinstance(end, list) else end
    name, found = (PAD_ID, whole[PAD_ID]) if fields.given(whole, PAD_ID) is not None else (END_ID, first)
    rows = fields.count(whole, "vocab_size", 1)
    try:
        # Some checkpoints have -1 for none.
        return fields.row({name: None if found == -1 else found}, name, None, rows)
    except ModelError as error:
        said = "" if name in config else "; the file has no such field, and this is transformers' default: give it"
        raise ModelError(f"{error}{said}") from None


def attention(config: Config, **more: Any) -> Attention:
    """Return the causal attention of a config with Llama's field names; `more` replaces fields of Attention."""
    hidden, count = fields.count(config, "hidden_size", 1), fields.count(config, "num_attention_heads", 1)
    shared = (
        count if fields.given(config, "num_key_value_heads") is None else fields.count(config, "num_key_value_heads", 1)
    )
    if count % shared:
        raise ModelError(f"num_attention_heads {count} is not a multiple of num_key_value_heads {shared}")
    channels = hidden // count if fields.given(config, "head_dim") is None else fields.count(config, "head_dim", 1)
    every = {"query", "key", "value", "output"} if fields.given(config, "attention_bias") else ()
    described = {
        "heads": count,
        "channels": channels,
        "key_value_heads": shared,
        "scale": channels**-0.5,
        "biases": frozenset(every),
        "causal": True,
    }
    return Attention(**{**described, **more})


def with_rotaries(
    attention: Attention, config: Config, theta: float = 10_000.0, turned: Sequence[bool] | None = None
) -> tuple[Attention, int]:
    """Return attention with the rotary positions of a config, and the most positions of a sequence.

    Args:
        attention: attention of every block.
        config: has `rope_parameters`, or the older `rope_scaling` and `rope_theta`.
        theta: transformers' default of rope_theta.
        turned: whether each block has rotary positions; None means all.
    """
    positions = fields.count(config, "max_position_embeddings", 1)
    settings = rotary.settings_of(config, theta)
    found = rotary.rotary(settings, attention.channels, positions)
    of_blocks = tuple(found if turns else None for turns in turned or [True] * blocks(config))
    return replace(attention, rotaries=of_blocks), rotary.longest_of(settings, positions)


def transformer(config: Config, pad_row: int | None, attention: Attention, positions: int, **more: Any) -> Transformer:
    """Return the body of a config with Llama's field names.

    Args:
        config: the config with the family's defaults.
        pad_row: id of the padding token, or None.
        attention: attention of every block.
        positions: most tokens of a sequence.
        more: replaces fields of Transformer.
    """
    described = {
        "vocabulary": fields.count(config, "vocab_size", 1),
        "positions": positions,
        "token_types": 0,
        "hidden": fields.count(config, "hidden_size", 1),
        "blocks": blocks(config),
        "attention": attention,
        "feed_forward": feed_forward(config, "hidden_act"),
        "norm": norm(config),
        "hidden_dropout": 0.0,
        "attention_dropout": fields.rate(config, "attention_dropout", 0.0),
        "mixed_dropout": 0.0,
        "feed_forward_dropout": 0.0,
        "initializer_range": fields.positive(config, "initializer_range", 0.02),
        "pad_token": pad_row or 0,
        "untrained_token": pad_row,
        "position_table": False,
        "norm_place": "before",
        "embedding_norm": False,
        "final_norm": True,
    }
    return Transformer(**{**described, **more})


def feed_forward(config: Config, activation: str) -> FeedForward:
    """Return the gated feed-forward of a config; `activation` is the field with the name of its function."""
    biases = {"gate", "inner", "outer"} if fields.given(config, "mlp_bias") else ()
    return FeedForward(
        fields.count(config, "intermediate_size", 1),
        fields.choice(config, activation, "silu", ACTIVATIONS),
        gated=True,
        biases=frozenset(biases),
    )


def norm(config: Config, offset: float = 0.0) -> Norm:
    """Return the root-mean-square norm of a config."""
    return Norm(fields.positive(config, "rms_norm_eps", 1e-6), "rms", offset)


def blocks(config: Config) -> int:
    """Return the number of blocks."""
    return fields.count(config, "num_hidden_layers", 1, largest=fields.MOST_BLOCKS)


def windows(config: Config, default: Sequence[str]) -> tuple[int | None, ...]:
    """Return the window of each block, or () if none has one; `default` is transformers' layer_types.

    Raises:
        ModelError: layer_types is wrong, or has an unknown kind.
    """
    types = layer_types(config, default)
    if SLIDING not in types:
        return ()
    window = fields.count(config, "sliding_window", 4096)
    return tuple(window if kind == SLIDING else None for kind in types)


def layer_types(config: Config, default: Sequence[str]) -> Sequence[str]:
    """Return the kind of each block; `default` if the config has none."""
    types = default if fields.given(config, "layer_types") is None else fields.given(config, "layer_types")
    if not isinstance(types, Sequence) or len(types) != blocks(config):
        raise ModelError(f"layer_types must be a list of {blocks(config)} kinds, one for each block")
    for kind in types:
        if kind not in (FULL, SLIDING):
            raise ModelError(f"layer_types: {kind!r} is not supported; allowed: {FULL}, {SLIDING}")
    return types
