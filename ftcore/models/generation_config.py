"""Reads a language model's generation settings, such as the first token and the tokens that end a text."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftcore.contract.network import Architecture
from ftcore.files import read_object
from ftcore.models.config import GENERATION_CONFIG

FIELDS = (
    *("pad_token_id", "bos_token_id", "eos_token_id", "decoder_start_token_id"),
    *("forced_bos_token_id", "forced_eos_token_id"),
    *("bad_words_ids", "suppress_tokens", "begin_suppress_tokens"),
)
"""Fields of a config for generation."""


def generation_config(architecture: Architecture, folder: Path | None = None) -> dict[str, Any]:
    """Return the generation settings in a model's folder, else those in its config; {} for a masked language model.

    Raises:
        ModelError: the file is not a JSON object.
    """
    if not architecture.generates:
        return {}
    if folder is not None and (folder / GENERATION_CONFIG).is_file():
        return read_object(folder / GENERATION_CONFIG)
    config = architecture.config
    # As in transformers, the decoder's own fields if the whole model has none.
    part = config.get("decoder")
    said = {**(part if isinstance(part, Mapping) else {}), **{k: v for k, v in config.items() if v is not None}}
    return {name: said[name] for name in FIELDS if said.get(name) is not None}
