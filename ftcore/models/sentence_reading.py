"""Reads sentence-transformers' files, of its versions 2 to 6, which describe how a model makes a vector of a text.

modules.json lists the steps: the transformer, whose files are in the folder itself; a pooling, whose config.json names
it; and a scaling to length 1. sentence_bert_config.json has settings of the transformer, and
config_sentence_transformers.json those of the whole, such as the prompt before every text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftcore.contract.network import Pooling, Transformer
from ftcore.errors import ModelError
from ftcore.files import read_object, read_value
from ftcore.text import TOKENIZER_CONFIG, stored_tokenizer

MODULES, POOLING_CONFIG, WHOLE = "modules.json", "config.json", "config_sentence_transformers.json"
LENGTHS = "sentence_bert_config.json"
OLDER_LENGTHS = tuple(
    f"sentence_{name}_config.json" for name in ("roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
TRANSFORMER, POOLING, NORMALIZE = "Transformer", "Pooling", "Normalize"
STEPS = ([TRANSFORMER, POOLING], [TRANSFORMER, POOLING, NORMALIZE])
PACKAGE = "sentence_transformers."
MODES: dict[Pooling, str] = {
    "cls": "pooling_mode_cls_token",
    "mean": "pooling_mode_mean_tokens",
    "max": "pooling_mode_max_tokens",
    "last": "pooling_mode_lasttoken",
}
"""The field of the pooling's config.json that enables each pooling, until version 5."""
OTHER_MODES = ("pooling_mode_mean_sqrt_len_tokens", "pooling_mode_weightedmean_tokens")
"""Fields of poolings that ftcore does not have."""
NAMES: dict[str, Pooling] = {"cls": "cls", "mean": "mean", "max": "max", "lasttoken": "last"}
"""The values of `pooling_mode`, since version 6."""
REMEDY = "give model.pooling and model.normalize"
VECTOR = "sentence_embedding"
USUAL: dict[str, tuple[Any, ...]] = {
    "transformer_task": ("feature-extraction",),
    "modality_config": ({"text": {"method": "forward", "method_output_name": "last_hidden_state"}},),
    "module_output_name": ("token_embeddings",),
    "processing_kwargs": ({},),
}
"""Fields of sentence_bert_config.json, and the values that ftcore follows."""
FREE = ("max_seq_length", "do_lower_case", "unpad_inputs", "query_length", "document_length")
"""Fields of sentence_bert_config.json that are read, or that do not change the vectors of `encode`."""


@dataclass(frozen=True)
class SentenceSettings:
    """What sentence-transformers does with a text before the network.

    Attributes:
        prompt: what stands before every text; "" for nothing.
        lowers: whether texts are lowered, whatever the tokenizer does.
    """

    prompt: str = ""
    lowers: bool = False


def is_sentence_folder(folder: Path) -> bool:
    """Return whether a folder has sentence-transformers' files."""
    return (folder / MODULES).is_file()


def vector_reading(folder: Path, pooling: Pooling) -> Mapping[str, Any]:
    """Return `pooling` and `normalize` of a folder's model from sentence-transformers' files.

    Args:
        folder: folder of the model.
        pooling: the default if it has no such files.

    Raises:
        ModelError: the files ask for something that ftcore does not compute.
    """
    if not is_sentence_folder(folder):
        return {"pooling": pooling, "normalize": False}
    modules = _modules(folder / MODULES)
    _check_transformer(folder)
    _check_whole(folder)
    path = folder / str(modules[POOLING].get("path")) / POOLING_CONFIG
    if NORMALIZE in modules:
        _check_normalize(folder / str(modules[NORMALIZE].get("path")) / POOLING_CONFIG)
    return {"pooling": _pooling(path, read_object(path)), "normalize": NORMALIZE in modules}


def sentence_settings(folder: Path) -> SentenceSettings:
    """Return what sentence-transformers does with a text of a folder's model before the network.

    Raises:
        ModelError: a field is wrong, or asks for something that ftcore does not compute.
    """
    if not is_sentence_folder(folder):
        return SentenceSettings()
    path, config = _transformer_config(folder)
    lowers = config.get("do_lower_case", False)
    if not isinstance(lowers, bool):
        raise ModelError(f"{path}: do_lower_case is {lowers!r}, but must be true or false")
    prompt = _default_prompt(folder)
    if prompt:
        _check_prompt_is_pooled(folder)
    return SentenceSettings(prompt, lowers)


def check_padding(folder: Path, body: object) -> None:
    """Check that `encode` gives a text one vector, whatever the other texts of its batch.

    Raises:
        ModelError: texts are padded before their begin, and the network counts the padding in its positions.
    """
    path = folder / TOKENIZER_CONFIG
    counts = isinstance(body, Transformer) and body.position_table and body.first_position == 0
    if not (counts and is_sentence_folder(folder) and path.is_file()):
        return
    if read_object(path).get("padding_side") == "left":
        raise ModelError(
            f"{path}: padding_side is left, with which sentence-transformers counts the padding as positions: a text "
            "has another vector in every batch: set it to right"
        )


def notes_of_training(folder: Path) -> tuple[str, ...]:
    """Return notes about settings for texts that a training does not follow, as sentence-transformers' trainer.

    Raises:
        ModelError: see `sentence_settings`.
    """
    said = sentence_settings(folder)
    prompt = f"{folder / WHOLE}: the default prompt {said.prompt!r} is not put before the texts of a training or of "
    lowered = f"{_transformer_config(folder)[0]}: do_lower_case is not followed in a training, nor by "
    found = ((prompt, said.prompt), (lowered, said.lowers))
    return tuple(f"{text}its result: write the texts as the model shall read them" for text, holds in found if holds)


def stored_length(folder: Path, description: Mapping[str, Any], longest: int | None = None) -> int | None:
    """Return the maximum tokens of a text, including special tokens, for a folder's model; None if unknown.

    It is read from ftcore.json, else from sentence-transformers' files, else, if the folder has these, from the
    tokenizer's, else it is the number of positions.

    Args:
        folder: folder of the model.
        description: its ftcore.json, or {}.
        longest: the positions of the model; None if it has no limit.

    Raises:
        ModelError: the value in a file is not a whole number.
    """
    if "max_length" in description:
        return int(description["max_length"])
    path, config = _transformer_config(folder)
    found = config.get("max_seq_length")
    if found is not None and (type(found) is not int or found < 1):
        raise ModelError(f"{path}: max_seq_length is {found!r}, but must be a whole number of at least 1")
    if found is None and is_sentence_folder(folder):
        return stored_tokenizer(folder).max_length or longest
    return found


def _transformer_config(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the settings of the transformer and their file; {} if there is none."""
    for name in (LENGTHS, *OLDER_LENGTHS):
        if (folder / name).is_file():
            return folder / name, read_object(folder / name)
    return folder / LENGTHS, {}


def _modules(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the steps in modules.json by class."""
    listed = read_value(path)
    if not isinstance(listed, list) or not all(isinstance(module, dict) for module in listed):
        raise ModelError(f"{path}: is not a list of modules")
    names = [str(module.get("type")) for module in listed]
    steps = [name.rpartition(".")[2] if name.startswith(PACKAGE) else name for name in names]
    for name in steps:
        if name not in STEPS[1]:
            raise ModelError(f"{path}: has the module {name}, from which ftcore cannot make vectors: {REMEDY}")
    if steps not in STEPS:
        given = ", ".join(steps) or "no modules"
        raise ModelError(f"{path}: has {given}, but ftcore makes vectors with {' and '.join(STEPS[0])}: {REMEDY}")
    found = dict(zip(steps, listed, strict=True))
    _check_modules(path, found)
    return found


def _check_modules(path: Path, modules: Mapping[str, Mapping[str, Any]]) -> None:
    place = modules[TRANSFORMER].get("path")
    if place not in ("", None):
        raise ModelError(
            f"{path}: path of the {TRANSFORMER} is {place!r}: move the files of that folder into its parent"
        )
    for step, module in modules.items():
        if module.get("kwargs"):
            raise ModelError(
                f"{path}: kwargs of the module {step} is {module['kwargs']!r}, which ftcore does not follow"
            )


def _pooling(path: Path, config: Mapping[str, Any]) -> Pooling:
    given = config.get("pooling_mode")
    if given is None:
        return _enabled(path, config)
    modes = [given] if isinstance(given, str) else given
    if not isinstance(modes, list) or len(modes) != 1 or modes[0] not in NAMES:
        raise ModelError(f"{path}: pooling_mode is {given!r}; ftcore has one of {', '.join(NAMES)}: {REMEDY}")
    return NAMES[modes[0]]


def _enabled(path: Path, config: Mapping[str, Any]) -> Pooling:
    """Return the pooling that a field enables; mean if none does, as in sentence-transformers."""
    asked = [name for name, value in config.items() if name.startswith("pooling_mode_") and value is True]
    known = {field: pooling for pooling, field in MODES.items()}
    if not asked:
        return "mean"
    if len(asked) != 1 or asked[0] not in known:
        raise ModelError(f"{path}: asks for {' and '.join(asked)}; ftcore has one of {', '.join(known)}: {REMEDY}")
    return known[asked[0]]


def _check_normalize(path: Path) -> None:
    config = read_object(path) if path.is_file() else {}
    for field in ("module_input_name", "module_output_name"):
        if config.get(field) not in (None, VECTOR):
            raise ModelError(f"{path}: {field} is {config[field]!r}, but ftcore scales {VECTOR} alone")


def _check_transformer(folder: Path) -> None:
    path, config = _transformer_config(folder)
    for field, value in config.items():
        if value in (None, {}, []) or field in FREE or value in USUAL.get(field, ()):
            continue
        raise ModelError(f"{path}: {field} is {value!r}, which ftcore does not follow: {REMEDY} to leave it out")


def _whole_config(folder: Path) -> dict[str, Any]:
    path = folder / WHOLE
    return read_object(path) if path.is_file() else {}


def _check_whole(folder: Path) -> None:
    config = _whole_config(folder)
    for field, usual in (("model_type", "SentenceTransformer"), ("truncate_dim", None)):
        if config.get(field) not in (None, usual):
            raise ModelError(f"{folder / WHOLE}: {field} is {config[field]!r}, which ftcore does not follow: {REMEDY}")


def _default_prompt(folder: Path) -> str:
    """Return the prompt of `encode` without arguments; "" if there is none."""
    config = _whole_config(folder)
    name, prompts = config.get("default_prompt_name"), config.get("prompts") or {}
    if name is None:
        return ""
    prompt = prompts.get(name) if isinstance(prompts, dict) else None
    if not isinstance(prompt, str):
        raise ModelError(f"{folder / WHOLE}: default_prompt_name is {name!r}, but prompts has no text of this name")
    return prompt


def _check_prompt_is_pooled(folder: Path) -> None:
    for path in _pooling_configs(folder):
        if read_object(path).get("include_prompt", True) is not True:
            raise ModelError(
                f"{path}: include_prompt is false, but {WHOLE} has a default prompt, and ftcore pools all tokens: set "
                f"default_prompt_name in {WHOLE} to null and write the prompt into the texts, or include_prompt to true"
            )


def _pooling_configs(folder: Path) -> Iterator[Path]:
    for module in read_value(folder / MODULES):
        path = folder / str(module.get("path")) / POOLING_CONFIG
        if str(module.get("type")).endswith(f".{POOLING}") and path.is_file():
            yield path
