"""Reads and writes sentence-transformers' files, which describe how a model makes a vector of a text.

modules.json lists the steps: the transformer, whose files are in the folder itself; 1_Pooling, whose config.json names
the pooling; and 2_Normalize, without files, if vectors are scaled to length 1. sentence_bert_config.json has the
maximum length of a text.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftcore.contract.network import Architecture, Head, Pooling, Transformer
from ftcore.errors import ModelError
from ftcore.files import read_object, read_value, write_json

MODULES, LENGTHS, POOLING_CONFIG = "modules.json", "sentence_bert_config.json", "config.json"
TRANSFORMER, POOLING, NORMALIZE = "Transformer", "Pooling", "Normalize"
CLASSES = "sentence_transformers.models."
MODES: dict[Pooling, str] = {
    "cls": "pooling_mode_cls_token",
    "mean": "pooling_mode_mean_tokens",
    "max": "pooling_mode_max_tokens",
    "last": "pooling_mode_lasttoken",
}
"""The field of 1_Pooling/config.json that enables each pooling."""
OTHER_MODES = ("pooling_mode_mean_sqrt_len_tokens", "pooling_mode_weightedmean_tokens")
"""Fields of poolings that ftcore does not have."""


def vector_reading(folder: Path, pooling: Pooling) -> Mapping[str, Any]:
    """Return `pooling` and `normalize` of a folder's model from sentence-transformers' files.

    Args:
        folder: folder of the model.
        pooling: the default if it has no such files.

    Raises:
        ModelError: the files ask for something that ftcore does not compute.
    """
    if not (folder / MODULES).is_file():
        return {"pooling": pooling, "normalize": False}
    modules = _modules(folder / MODULES)
    path = folder / str(modules[POOLING].get("path")) / POOLING_CONFIG
    return {"pooling": _pooling(path, read_object(path)), "normalize": NORMALIZE in modules}


def stored_length(folder: Path, description: Mapping[str, Any]) -> int | None:
    """Return the maximum tokens of a text, including special tokens, for a folder's model; None if unknown.

    It is read from ftcore.json, else from sentence-transformers' files.

    Args:
        folder: folder of the model.
        description: its ftcore.json, or {}.

    Raises:
        ModelError: the value in a file is not a whole number.
    """
    if "max_length" in description:
        return int(description["max_length"])
    path = folder / LENGTHS
    found = read_object(path).get("max_seq_length") if path.is_file() else None
    if found is not None and (type(found) is not int or found < 1):
        raise ModelError(f"{path}: max_seq_length is {found!r}, but must be a whole number of at least 1")
    return found


def write_sentence_files(folder: Path, architecture: Architecture, head: Head, max_length: int) -> list[str]:
    """Write the files that sentence-transformers needs to load a model folder with this pooling.

    Args:
        folder: folder of the model, which transformers can load.
        architecture: architecture of the network.
        head: head of the network.
        max_length: most tokens of a text.

    Returns:
        A note for the user if it has no such pooling; then nothing is written.
    """
    if not isinstance(architecture.body, Transformer) or head.pooling not in MODES:
        return [f"sentence-transformers has no pooling {head.pooling}: the folder has no {MODULES}"]
    steps = {"": TRANSFORMER, "1_Pooling": POOLING, **({"2_Normalize": NORMALIZE} if head.normalize else {})}
    for path in filter(None, steps):
        (folder / path).mkdir()
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"{CLASSES}{step}"}
        for place, (path, step) in enumerate(steps.items())
    ]
    write_json(folder / MODULES, modules)
    modes = {field: pooling == head.pooling for pooling, field in MODES.items()}
    pooling_config = {
        "word_embedding_dimension": architecture.body.hidden,
        **modes,
        **dict.fromkeys(OTHER_MODES, False),
        "include_prompt": True,
    }
    write_json(folder / "1_Pooling" / POOLING_CONFIG, pooling_config)
    write_json(folder / LENGTHS, {"max_seq_length": max_length, "do_lower_case": False})
    return []


def _modules(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the steps in modules.json by class."""
    listed = read_value(path)
    if not isinstance(listed, list) or not all(isinstance(module, dict) for module in listed):
        raise ModelError(f"{path}: is not a list of modules")
    found = {str(module.get("type")).rpartition(".")[2]: module for module in listed}
    unknown = sorted(set(found) - {TRANSFORMER, POOLING, NORMALIZE})
    if unknown or POOLING not in found:
        what = f"the module {unknown[0]}" if unknown else f"no module {POOLING}"
        raise ModelError(
            f"{path}: has {what}, from which ftcore cannot make vectors: give model.pooling and model.normalize"
        )
    return found


def _pooling(path: Path, config: Mapping[str, Any]) -> Pooling:
    asked = [name for name, value in config.items() if name.startswith("pooling_mode_") and value is True]
    known = {field: pooling for pooling, field in MODES.items()}
    if len(asked) != 1 or asked[0] not in known:
        raise ModelError(
            f"{path}: asks for {' and '.join(asked) or 'no pooling'}; ftcore has one of {', '.join(known)}: give "
            "model.pooling and model.normalize"
        )
    return known[asked[0]]
