"""Reading a model folder's config.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftcore.errors import ModelError
from ftcore.models.families import FAMILIES, LANGUAGE_MODELS, Family, LanguageModelFamily
from ftcore.models.network import Architecture
from ftcore.suggestions import did_you_mean

CONFIG = "config.json"


def read_config(folder: Path) -> dict[str, Any]:
    """Return config.json.

    Raises:
        ModelError: it is missing or not a JSON object.
    """
    path = folder / CONFIG
    if not path.is_file():
        content = sorted(entry.name for entry in folder.iterdir())
        held = f"it holds {', '.join(content[:5])}{' ...' if len(content) > 5 else ''}" if content else "it is empty"
        raise ModelError(f"{folder}: is no model folder: it has no {CONFIG} ({held})")
    return read_object(path)


def read_family(folder: Path, config: Mapping[str, Any]) -> Family:
    """Return the family that the config's model_type names.

    Raises:
        ModelError: ftcore has no such family, or the config names none.
    """
    return FAMILIES[_family_name(folder, config, FAMILIES, "the families")]


def read_language_model_family(folder: Path, config: Mapping[str, Any]) -> LanguageModelFamily:
    """Return the family of language models that the config's model_type names.

    Raises:
        ModelError: ftcore has no such family, or the config names none.
    """
    return LANGUAGE_MODELS[_family_name(folder, config, LANGUAGE_MODELS, "the language models of the families")]


def _family_name(folder: Path, config: Mapping[str, Any], families: Mapping[str, object], which: str) -> str:
    path, known = folder / CONFIG, ", ".join(families)
    if "model_type" not in config:
        raise ModelError(f"{path}: has no model_type; ftcore reads {which} {known}")
    name = config["model_type"]
    if not isinstance(name, str) or name not in families:
        raise ModelError(
            f"{path}: model_type {name!r} is not supported{did_you_mean(str(name), families)}; "
            f"ftcore reads {which} {known}"
        )
    return name


def read_architecture(
    folder: Path, config: Mapping[str, Any], family: Family | LanguageModelFamily, dropout: float | None
) -> Architecture:
    """Return what the config describes.

    Raises:
        ModelError: names the file and the field.
    """
    try:
        return family.architecture(config, dropout)
    except ModelError as error:
        raise ModelError(f"{folder / CONFIG}: {error}") from None


def stored_classes(config: Mapping[str, Any]) -> list[str]:
    """Return the names of transformers' classes that the weights are of; [] where the config has none."""
    classes = config.get("architectures")
    return [str(name) for name in classes] if isinstance(classes, list) else []


def stored_labels(config: Mapping[str, Any]) -> list[str] | None:
    """Return id2label in order; None where it is not there, or only LABEL_0, LABEL_1 and so on."""
    stored = config.get("id2label")
    if not isinstance(stored, Mapping):
        return None
    labels = [stored.get(str(index)) for index in range(len(stored))]
    if any(not isinstance(label, str) for label in labels):
        return None
    return None if labels == generic_labels(len(labels)) else [str(label) for label in labels]


def generic_labels(outputs: int) -> list[str]:
    """Return the names that transformers gives to outputs without any."""
    return [f"LABEL_{index}" for index in range(outputs)]


def read_object(path: Path) -> dict[str, Any]:
    """Return a file's JSON object.

    Raises:
        ModelError: it holds something else.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ModelError(f"{path}: is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path}: is not a JSON object but {type(value).__name__}")
    return value
