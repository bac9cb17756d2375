"""Reads config.json of a model folder: its family, architecture and labels."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ftcore.contract.network import Architecture
from ftcore.errors import ModelError
from ftcore.files import read_object
from ftcore.helpers import did_you_mean
from ftcore.models.families import (
    ENCODER_DECODERS,
    FAMILIES,
    LANGUAGE_MODELS,
    Family,
    LanguageModelFamily,
    fields,
)

Known = TypeVar("Known")
CONFIG = "config.json"
GENERATION_CONFIG = "generation_config.json"
"""File with the first and last tokens of a language model's texts, and transformers' other generation settings."""
OTHERWISE_READ = frozenset(
    {
        *("architectures", "model_type", "problem_type", "id2label", "label2id", "num_labels", "pad_token_id"),
        *("bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id", "unk_token_id"),
        *("decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id"),
        *("dtype", "torch_dtype", "transformers_version", "_name_or_path"),
    }
)
"""Fields of any config that describe its origin, or that other code than the family reads."""
MIXTURE, STATE_SPACE = "it is a mixture of experts", "it is no transformer but a state-space model"
REASONS = {
    **dict.fromkeys(("mixtral", "qwen2_moe", "qwen3_moe", "deepseek_v2", "deepseek_v3", "gpt_oss", "olmoe"), MIXTURE),
    **dict.fromkeys(("mamba", "mamba2", "falcon_mamba"), STATE_SPACE),
    **dict.fromkeys(("gemma3", "llava", "qwen2_vl", "qwen2_5_vl", "mllama", "clip"), "it reads images with texts"),
    **dict.fromkeys(("wav2vec2", "whisper", "hubert"), "it reads sound"),
}
"""Reasons why ftcore does not read some model types."""


def read_config(folder: Path) -> dict[str, Any]:
    """Return config.json.

    Raises:
        ModelError: it is missing or not a JSON object.
    """
    path = folder / CONFIG
    if not path.is_file():
        content = sorted(entry.name for entry in folder.iterdir())
        held = f"it holds {', '.join(content[:5])}{' ...' if len(content) > 5 else ''}" if content else "it is empty"
        raise ModelError(f"{folder}: is not a model folder: it has no {CONFIG} ({held})")
    return read_object(path)


def family_of(folder: Path, config: Mapping[str, Any], families: Mapping[str, Known], which: str) -> Known:
    """Look up the family of the config's model_type in a table.

    Args:
        folder: folder of the config, for errors.
        config: config.json as read.
        families: the table, by model_type.
        which: name of the table in an error: "the families".

    Raises:
        ModelError: the table has no such family, or the config names none.
    """
    path, known = folder / CONFIG, ", ".join(families)
    if "model_type" not in config:
        raise ModelError(f"{path}: has no model_type; ftcore reads {which} {known}")
    name = config["model_type"]
    if isinstance(name, str) and name in families:
        return families[name]
    raise ModelError(f"{path}: model_type {name!r} {_reason(config, families, which)}")


def _reason(config: Mapping[str, Any], families: Mapping[str, object], which: str) -> str:
    """Return why a config's model_type is not in the table."""
    name = str(config["model_type"])
    if "auto_map" in config and isinstance(config["model_type"], str):
        return "needs code from the model's folder, which ftcore does not run"
    if name in REASONS:
        return f"is not supported: {REASONS[name]}"
    if name in ENCODER_DECODERS:
        return "is an encoder-decoder, which only summarization and translation train"
    return f"is not supported{did_you_mean(name, families)}; ftcore reads {which} {', '.join(families)}"


def read_family(folder: Path, config: Mapping[str, Any]) -> Family:
    """Return the family that the config's model_type names; raises ModelError as `family_of`."""
    return family_of(folder, config, FAMILIES, "the families")


def read_language_model_family(folder: Path, config: Mapping[str, Any]) -> LanguageModelFamily:
    """Return the family of language models that the config's model_type names; raises ModelError as `family_of`."""
    return family_of(folder, config, LANGUAGE_MODELS, "the language models of the families")


def read_architecture(
    folder: Path, config: Mapping[str, Any], family: Family | LanguageModelFamily, dropout: float | None
) -> Architecture:
    """Return the architecture of a config.

    Raises:
        ModelError: a field is wrong or not supported; the message names the file and the field.
    """
    quantized = config.get("quantization_config")
    if quantized:
        method = quantized.get("quant_method", "some method") if isinstance(quantized, Mapping) else quantized
        raise ModelError(f"{folder / CONFIG}: the weights are quantized ({method}), which ftcore does not compute with")
    try:
        return family.architecture(config, dropout)
    except ModelError as error:
        raise ModelError(f"{folder / CONFIG}: {error}") from None


def unread_fields(config: Mapping[str, Any], describe: Callable[[], object]) -> list[str]:
    """Return the fields of a config that the description of a network does not read, sorted: they change nothing."""
    with fields.recording() as read:
        describe()
    return sorted(config.keys() - read - OTHERWISE_READ)


def notes_of_ignored(ignored: list[str]) -> list[str]:
    """Return the note for the user about fields that change nothing; [] if there are none."""
    return [f"fields of {CONFIG} that change nothing here: {', '.join(ignored)}"] if ignored else []


def stored_classes(config: Mapping[str, Any]) -> list[str]:
    """Return the names of the weights' classes in transformers; [] if the config has none.

    Raises:
        ModelError: the field holds something else than names.
    """
    classes = config.get("architectures") or []
    names = [classes] if isinstance(classes, str) else classes
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ModelError(f"{CONFIG}: architectures is {classes!r}, but must be a list of class names of transformers")
    return names


def stored_labels(folder: Path, config: Mapping[str, Any]) -> list[str] | None:
    """Return id2label in order; None if it is missing, or holds only LABEL_0, LABEL_1 and so on.

    Args:
        folder: folder of the config, for errors.
        config: config.json as read.

    Raises:
        ModelError: id2label leaves an output out.
    """
    stored = config.get("id2label")
    if not isinstance(stored, Mapping):
        return None
    labels = [_label_of(folder, stored, index) for index in range(len(stored))]
    return None if labels == generic_labels(len(labels)) else labels


def _label_of(folder: Path, stored: Mapping[str, Any], index: int) -> str:
    label = stored.get(str(index))
    if isinstance(label, str) or (isinstance(label, int) and not isinstance(label, bool)):
        return str(label)
    found = f"{index} is {label!r}" if str(index) in stored else f"the ids are {', '.join(map(str, stored))}"
    raise ModelError(
        f"{folder / CONFIG}: id2label must name each of its {len(stored)} outputs, from 0 to {len(stored) - 1}, but "
        f"{found}: correct it"
    )


def stored_outputs(config: Mapping[str, Any]) -> int:
    """Return the number of outputs of a config's head."""
    stored = config.get("id2label")
    if isinstance(stored, Mapping):
        return len(stored)
    # transformers' default is two.
    return int(config.get("num_labels", 2))


def generic_labels(outputs: int) -> list[str]:
    """Return transformers' names for outputs without labels."""
    return [f"LABEL_{index}" for index in range(outputs)]
