"""GPT-2 (Radford et al. 2019): pre-norm blocks with learned positions, linear maps stored [inputs, outputs]."""

import re
from typing import Any

from ftcore.contract.network import FeedForward, Norm, Transformer
from ftcore.models.families import fields, post_norm
from ftcore.models.families.activations import ACTIVATIONS
from ftcore.models.families.decoder import Config, Decoder
from ftcore.models.families.parameters import Names

NAMES = Names(
    prefix="transformer.",
    layers="h.{}",
    dense={
        "attention.query_key_value": "attn.c_attn",
        "attention.output": "attn.c_proj",
        "feed_forward.inner": "mlp.c_fc",
        "feed_forward.outer": "mlp.c_proj",
    },
    norms={"attention.norm": "ln_1", "feed_forward.norm": "ln_2"},
    dropouts={
        "attention.weights": "attn.attn_dropout",
        "attention": "attn.resid_dropout",
        "feed_forward": "mlp.dropout",
    },
    outside={"embeddings.tokens": "wte", "embeddings.positions": "wpe", "final_norm": "ln_f"},
    embedding_dropout="drop",
    inputs_first=True,
)
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "scale_attn_by_inverse_layer_idx": (False, None),
    "reorder_and_upcast_attn": (False, None),
}
# The language model's head, other heads, and masks that older versions stored.
IGNORED = re.compile(
    r"(lm_head|score|classifier|qa_outputs)\.(weight|bias)|multiple_choice_head\.summary\.(weight|bias)"
    r"|(transformer\.)?h\.\d+\.attn\.(bias|masked_bias)"
)


def _gpt2(config: Config, pad_row: int | None) -> Transformer:
    hidden, count = fields.count(config, "n_embd", 1), fields.count(config, "n_head", 1)
    unscaled = {} if fields.given(config, "scale_attn_weights") else {"scale": 1.0}
    intermediate = 4 * hidden if fields.given(config, "n_inner") is None else fields.count(config, "n_inner", 1)
    dropout = fields.rate(config, "resid_pdrop", 0.1)
    return Transformer(
        vocabulary=fields.count(config, "vocab_size", 1),
        positions=fields.count(config, "n_positions", 1),
        token_types=0,
        hidden=hidden,
        blocks=fields.count(config, "n_layer", 1, largest=fields.MOST_BLOCKS),
        attention=post_norm.attention(hidden, count, ("n_embd", "n_head"), joint=True, causal=True, **unscaled),
        feed_forward=FeedForward(intermediate, fields.choice(config, "activation_function", "gelu_new", ACTIVATIONS)),
        norm=Norm(fields.positive(config, "layer_norm_epsilon", 1e-5)),
        hidden_dropout=fields.rate(config, "embd_pdrop", 0.1),
        attention_dropout=fields.rate(config, "attn_pdrop", 0.1),
        mixed_dropout=dropout,
        feed_forward_dropout=dropout,
        initializer_range=fields.positive(config, "initializer_range", 0.02),
        pad_token=pad_row or 0,
        norm_place="before",
        embedding_norm=False,
        final_norm=True,
    )


def _deviations(config: Config) -> dict[str, float]:
    """Return the deviations of maps that are added to hidden states: smaller with more blocks (section 2.3)."""
    blocks = fields.count(config, "n_layer", 1, largest=fields.MOST_BLOCKS)
    deviation = fields.positive(config, "initializer_range", 0.02) * (2 * blocks) ** -0.5
    return {"attention.output.weight": deviation, "feed_forward.outer.weight": deviation}


GPT2 = Decoder(
    "gpt2",
    "GPT2",
    {
        "vocab_size": 50257,
        "n_positions": 1024,
        "n_embd": 768,
        "n_layer": 12,
        "n_head": 12,
        "scale_attn_weights": True,
        "eos_token_id": 50256,
    },
    _gpt2,
    names=NAMES,
    neutral=NEUTRAL,
    dropouts=("resid_pdrop", "embd_pdrop", "attn_pdrop"),
    ignored=IGNORED,
    causal_class="GPT2LMHeadModel",
    tokens_classifier_name="classifier",
    ties=True,
    deviations=_deviations,
)
