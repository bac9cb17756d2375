"""ftcore.json, which says beside a model what it was trained for: its file, and what config.json says without it."""

from pathlib import Path
from typing import Any, get_args

from ftcore.contract.network import Pooling
from ftcore.errors import ModelError
from ftcore.files import read_object
from ftcore.models.config import read_config, stored_classes
from ftcore.models.families import ENCODER_DECODERS, LANGUAGE_MODELS

DESCRIPTION = "ftcore.json"
LENGTH = 128
"""Where nothing says what a network without a longest sequence was trained on."""


def read_raw_description(folder: Path) -> dict[str, Any] | None:
    """Return ftcore.json as it is; None in a folder that ftcore did not write.

    Raises:
        ModelError: it is not a JSON object.
    """
    path = folder / DESCRIPTION
    return read_object(path) if path.is_file() else None


def read_said(folder: Path) -> dict[str, Any]:
    """Return what ftcore.json says of a model; {} in a folder that ftcore did not write.

    Raises:
        ModelError: it is not a JSON object, or says of the head what none has.
    """
    said = read_raw_description(folder) or {}
    pooling, normalize = said.get("pooling"), said.get("normalize", False)
    if pooling is not None and pooling not in get_args(Pooling):
        allowed = ", ".join(get_args(Pooling))
        raise ModelError(f"{folder / DESCRIPTION}: pooling is {pooling!r}; allowed: {allowed}")
    if not isinstance(normalize, bool):
        raise ModelError(f"{folder / DESCRIPTION}: normalize is {normalize!r}, and must be true or false")
    return said


def is_language_model(folder: Path) -> bool:
    """Return whether a folder's config says that its weights have a language model's head."""
    config = read_config(folder)
    name = str(config.get("model_type"))
    # An encoder-decoder is nothing else here.
    return name in ENCODER_DECODERS or (
        name in LANGUAGE_MODELS and LANGUAGE_MODELS[name].language_model_class in stored_classes(config)
    )
