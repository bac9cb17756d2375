"""Builds transformers' own model of a described body."""

import inspect
from typing import Any

from ftcore.contract.network import Architecture, Transformer
from ftcore.errors import BackendError


def transformers_body(architecture: Architecture, attention: str) -> Any:
    """Return transformers' unchanged model, without a head.

    Args:
        architecture: architecture of one of transformers' families.
        attention: implementation of attention, if the model has a choice.

    Raises:
        BackendError: transformers refuses the config, or its attention would draw its own masks.
    """
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    config = CONFIG_MAPPING[architecture.family].from_dict(dict(architecture.config))
    config.use_cache = False
    body_class = getattr(transformers, architecture.transformers.body_class)
    _check_masks(architecture, attention, body_class._supports_attention_backend)
    implementation = attention if body_class._supports_sdpa else "eager"
    has_pooler = "add_pooling_layer" in inspect.signature(body_class).parameters
    options = {"add_pooling_layer": False} if has_pooler else {}
    try:
        return transformers.AutoModel.from_config(  # type: ignore[no-untyped-call]
            config, attn_implementation=implementation, **options
        )
    except (ValueError, TypeError) as error:
        raise BackendError(f"transformers cannot build a {architecture.family} model: {error}") from error


def _check_masks(architecture: Architecture, attention: str, drops_within: bool) -> None:
    body = architecture.body
    rate = body.attention_dropout if isinstance(body, Transformer) else 0.0
    if attention == "eager" and drops_within and rate:
        raise BackendError(
            f"backend.torch.attention: eager would draw its own masks of attention weights (rate {rate}): "
            "leave it at sdpa, or set model.dropout: 0"
        )
