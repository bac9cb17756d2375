"""Llama (Touvron et al. 2023) and similar decoders: Mistral, Qwen2, Qwen3 and SmolLM3."""

from dataclasses import replace
from typing import Any

from ftcore.contract.network import Transformer
from ftcore.errors import ModelError
from ftcore.models.families import decoder, fields
from ftcore.models.families.decoder import FULL, SLIDING, Config, Decoder

HEAD_NORM_NAMES = replace(decoder.NAMES, norms={**decoder.NORMS, **decoder.HEAD_NORMS})
# transformers' Llama, Qwen2 and SmolLM3 rotate every channel, whatever the value of this field.
WHOLE: dict[str, tuple[Any, ...]] = {"partial_rotary_factor": (1.0, 1, None)}


def _llama(config: Config, pad_row: int | None) -> Transformer:
    attention, positions = decoder.with_rotaries(decoder.attention(config), config)
    return decoder.transformer(config, pad_row, attention, positions)


def _mistral(config: Config, pad_row: int | None) -> Transformer:
    kind = FULL if fields.given(config, "sliding_window") is None else SLIDING
    windows = decoder.windows(config, [kind] * decoder.blocks(config))
    found = decoder.attention({**config, "attention_bias": False}, windows=windows)
    attention, positions = decoder.with_rotaries(found, config)
    return decoder.transformer({**config, "mlp_bias": False}, pad_row, attention, positions)


def _qwen2(config: Config, pad_row: int | None) -> Transformer:
    biases = frozenset({"query", "key", "value"})
    found = decoder.attention(config, biases=biases, windows=_upper_windows(config))
    attention, positions = decoder.with_rotaries(found, config)
    return decoder.transformer({**config, "mlp_bias": False}, pad_row, attention, positions)


def _qwen3(config: Config, pad_row: int | None) -> Transformer:
    found = decoder.attention(config, head_norm=decoder.norm(config), windows=_upper_windows(config))
    attention, positions = decoder.with_rotaries(found, config)
    return decoder.transformer({**config, "mlp_bias": False}, pad_row, attention, positions)


def _upper_windows(config: Config) -> tuple[int | None, ...]:
    """Return the windows of Qwen's blocks: from max_window_layers on, if use_sliding_window is set."""
    if not fields.given(config, "use_sliding_window") or fields.given(config, "sliding_window") is None:
        return decoder.windows({**config, "layer_types": None}, [FULL] * decoder.blocks(config))
    first = fields.given(config, "max_window_layers")
    return decoder.windows(config, [SLIDING if block >= first else FULL for block in range(decoder.blocks(config))])


def _smollm3(config: Config, pad_row: int | None) -> Transformer:
    turned = _turned(config)
    slides = fields.given(config, "use_sliding_window") and fields.given(config, "sliding_window") is not None
    kinds = [SLIDING if slides and not turns else FULL for turns in turned]
    found = decoder.attention(config, windows=decoder.windows(config, kinds) if slides else ())
    attention, positions = decoder.with_rotaries(found, config, 2_000_000.0, turned)
    return decoder.transformer(config, pad_row, attention, positions)


def _turned(config: Config) -> list[bool]:
    """Return whether each block of a SmolLM3 has rotary positions."""
    blocks, given = decoder.blocks(config), fields.given(config, "no_rope_layers")
    if given is None:
        interval = fields.given(config, "no_rope_layer_interval")
        return [(block + 1) % interval != 0 for block in range(blocks)]
    if not isinstance(given, list) or len(given) < blocks:
        raise ModelError(f"no_rope_layers must be a list of {blocks} numbers, 1 for a block with rotary positions")
    return [bool(turns) for turns in given[:blocks]]


LLAMAS = (
    Decoder(
        "llama",
        "Llama",
        {
            "vocab_size": 32000,
            "hidden_size": 4096,
            "intermediate_size": 11008,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "max_position_embeddings": 2048,
            "eos_token_id": 2,
        },
        _llama,
        neutral=WHOLE,
    ),
    Decoder(
        "mistral",
        "Mistral",
        {
            "vocab_size": 32000,
            "hidden_size": 4096,
            "intermediate_size": 14336,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "max_position_embeddings": 131072,
            "sliding_window": 4096,
            "eos_token_id": 2,
        },
        _mistral,
        neutral={**WHOLE, "layer_types": (None,)},
    ),
    Decoder(
        "qwen2",
        "Qwen2",
        {
            "vocab_size": 151936,
            "hidden_size": 4096,
            "intermediate_size": 22016,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 32,
            "max_position_embeddings": 32768,
            "sliding_window": 4096,
            "max_window_layers": 28,
        },
        _qwen2,
        neutral=WHOLE,
    ),
    Decoder(
        "qwen3",
        "Qwen3",
        {
            "vocab_size": 151936,
            "hidden_size": 4096,
            "intermediate_size": 22016,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 32,
            "head_dim": 128,
            "max_position_embeddings": 32768,
            "sliding_window": 4096,
            "max_window_layers": 28,
        },
        _qwen3,
        names=HEAD_NORM_NAMES,
        neutral=WHOLE,
    ),
    Decoder(
        "smollm3",
        "SmolLM3",
        {
            "vocab_size": 128256,
            "hidden_size": 2048,
            "intermediate_size": 11008,
            "num_hidden_layers": 36,
            "num_attention_heads": 16,
            "num_key_value_heads": 4,
            "max_position_embeddings": 32768,
            "no_rope_layer_interval": 4,
            "pad_token_id": 128004,
            "eos_token_id": 128001,
        },
        _smollm3,
        neutral=WHOLE,
        ties=True,
    ),
)
