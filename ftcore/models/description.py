"""Reads ftcore.json, the description of what a model was trained for."""

from pathlib import Path
from typing import Any, get_args

from ftcore.contract.network import Pooling
from ftcore.errors import ModelError
from ftcore.files import read_object
from ftcore.formats import DESCRIPTION
from ftcore.models.config import read_config, stored_classes
from ftcore.models.families import ENCODER_DECODERS, LANGUAGE_MODELS

LENGTH = 128
"""Default maximum length of networks without a longest sequence."""


def read_raw_description(folder: Path) -> dict[str, Any] | None:
    """Return ftcore.json unchanged; None if ftcore did not write the folder.

    Raises:
        ModelError: it is not a JSON object.
    """
    path = folder / DESCRIPTION
    return read_object(path) if path.is_file() else None


def read_said(folder: Path) -> dict[str, Any]:
    """Return the checked content of ftcore.json; {} if ftcore did not write the folder.

    Raises:
        ModelError: it is not a JSON object, or has an invalid field of the head.
    """
    said = read_raw_description(folder) or {}
    pooling, normalize = said.get("pooling"), said.get("normalize", False)
    if pooling is not None and pooling not in get_args(Pooling):
        allowed = ", ".join(get_args(Pooling))
        raise ModelError(f"{folder / DESCRIPTION}: pooling is {pooling!r}; allowed: {allowed}")
    if not isinstance(normalize, bool):
        raise ModelError(f"{folder / DESCRIPTION}: normalize is {normalize!r}, but must be true or false")
    return said


def is_language_model(folder: Path) -> bool:
    """Return whether a folder's config names a language model's head."""
    config = read_config(folder)
    name = str(config.get("model_type"))
    # Every encoder-decoder here is a language model.
    return name in ENCODER_DECODERS or (
        name in LANGUAGE_MODELS and LANGUAGE_MODELS[name].language_model_class in stored_classes(config)
    )
