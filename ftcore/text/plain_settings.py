"""Reads the files beside tokenizer.json, and tells whether transformers needs to be asked what they mean."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftcore.errors import ModelError
from ftcore.files import read_object
from ftcore.text import bert_form
from ftcore.text.tokenizer_files import ADDED_TOKENS, FAST, MODEL_CONFIG, SPECIAL_TOKENS_MAP, TOKENIZER_CONFIG

NAMED = (TOKENIZER_CONFIG, SPECIAL_TOKENS_MAP)
"""The files that may give the roles of tokens, by priority."""
AS_STORED = ("PreTrainedTokenizerFast", "TokenizersBackend")
"""The classes of transformers that take tokenizer.json as it is, whatever it holds."""
OWN_CLASS = {"qwen2": "Qwen2Tokenizer"}
"""Model types with the class that transformers takes whatever tokenizer_config.json says."""
MADE_BY_HAND = ("MarianTokenizer", "marian")
"""The class and model type that transformers has without the tokenizers library: a tokenizer.json was made by hand."""
ELSEWHERE = ("auto_map", "fast_tokenizer_files", "fix_mistral_regex")
"""Fields of tokenizer_config.json by which another file or program decides."""
EXTRA = ("extra_special_tokens", "additional_special_tokens")
TYPES = "token_type_ids"
WITH_TOKEN_TYPES = ("Bert", "Electra", "DebertaV2")
"""The classes of transformers, without their endings, that tell a network the second text of a pair."""
NO_TOKENIZER = "is not a tokenizer of the tokenizers library"
UNLIMITED = 10**9
"""A larger maximum length means that there is none."""


@dataclass(frozen=True)
class PlainSettings:
    """What the files beside tokenizer.json say, as they stand.

    Attributes:
        special_tokens: the special tokens by their role.
        others: the other fields of `StoredTokenizer` that tokenizer_config.json gives.
        are_all: whether nothing else decides: AutoTokenizer takes tokenizer.json as it is.
    """

    special_tokens: dict[str, str]
    others: dict[str, Any]
    are_all: bool

    @classmethod
    def read(cls, folder: Path) -> "PlainSettings":
        """Read the settings of a folder with tokenizer.json.

        Raises:
            ModelError: a file is not a JSON object, or a field is wrong.
        """
        config, tokens = settings_of(folder, TOKENIZER_CONFIG), named_tokens(folder)
        if bert_form.of_class(config, settings_of(folder, MODEL_CONFIG)):
            tokens = {**bert_form.ROLES, **tokens}
            as_stored = not any(bert_form.differences(rules_of(folder), config, tokens)) and _all_kept(folder, config)
        else:
            as_stored = config.get("tokenizer_class") in AS_STORED
        known = as_stored and not _decided_elsewhere(folder, config) and _all_stored(folder, config, tokens)
        return cls(tokens, _others(folder, config), known or _is_made_by_hand(folder, config))


def settings_of(folder: Path, name: str) -> dict[str, Any]:
    """Return the JSON object in a file of a folder; {} if there is none."""
    path = folder / name
    return read_object(path) if path.is_file() else {}


def named_tokens(folder: Path) -> dict[str, str]:
    """Return the tokens that a folder names, by role, such as "[PAD]" for "pad_token"."""
    found: dict[str, str] = {}
    for name in reversed(NAMED):
        for role, token in settings_of(folder, name).items():
            if role.endswith("_token") and (content := _content(token)) is not None:
                found[role] = content
    return found


def added_tokens(folder: Path) -> list[dict[str, Any]]:
    """Return the added tokens in tokenizer.json.

    Raises:
        ModelError: it is not a tokenizer.
    """
    found = rules_of(folder).get("added_tokens") or []
    if not isinstance(found, list) or not all(isinstance(token, dict) for token in found):
        raise ModelError(f"{folder / FAST}: {NO_TOKENIZER}: added_tokens is not a list of objects")
    return found


def rules_of(folder: Path) -> dict[str, Any]:
    """Return the content of a folder's tokenizer.json.

    Raises:
        ModelError: it is not a tokenizer.
    """
    path = folder / FAST
    try:
        found = json.loads(path.read_text("utf-8"))
        if isinstance(found, dict) and isinstance(found.get("model"), dict):
            return found
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: {NO_TOKENIZER}: {error}") from error
    raise ModelError(f"{path}: {NO_TOKENIZER}: it has no model")


def decoder_tokens(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tokens of tokenizer_config.json's added_tokens_decoder, in the form of tokenizer.json."""
    given = config.get("added_tokens_decoder")
    entries = given.items() if isinstance(given, dict) else ()
    usual = {"single_word": False, "lstrip": False, "rstrip": False, "special": False}
    tokens = [{**usual, "id": int(number), **token} for number, token in entries]
    return [{"normalized": not token["special"], **token} for token in tokens]


def class_name(config: Mapping[str, Any]) -> str:
    """Return the class that tokenizer_config.json names, without the ending; "" if it names none."""
    return str(config.get("tokenizer_class") or "").removesuffix("Fast").removesuffix("Tokenizer")


def states_types(folder: Path) -> bool:
    """Return whether a folder's files tell the network the second text of a pair, or say nothing about it."""
    names = settings_of(folder, TOKENIZER_CONFIG).get("model_input_names")
    return TYPES in names if isinstance(names, list) else True


def _content(token: object) -> str | None:
    content = token.get("content") if isinstance(token, dict) else token
    return content if isinstance(content, str) else None


def _others(folder: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    side, longest = config.get("truncation_side", "right"), config.get("model_max_length", config.get("max_len"))
    if side not in ("left", "right"):
        raise ModelError(f"{folder / TOKENIZER_CONFIG}: truncation_side is {side!r}; allowed: left, right")
    tells = class_name(config) in WITH_TOKEN_TYPES or bert_form.of_class(config, settings_of(folder, MODEL_CONFIG))
    return {
        "truncation_side": side,
        "splits_special_tokens": config.get("split_special_tokens") is True,
        "token_types": states_types(folder),
        "tells_types": states_types(folder) and ("model_input_names" in config or tells),
        "cleans_up": config.get("clean_up_tokenization_spaces") is True and not _is_bpe(folder, config),
        "class_name": config.get("tokenizer_class") or ("BertTokenizer" if tells else AS_STORED[0]),
        "max_length": longest if isinstance(longest, int) and longest < UNLIMITED else None,
    }


def _is_bpe(folder: Path, config: Mapping[str, Any]) -> bool:
    """Return whether decoded texts are not cleaned up, whatever the files say: transformers leaves those of BPE."""
    forced = config.get("clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output") is True
    return rules_of(folder)["model"].get("type") == "BPE" and not forced


def _is_made_by_hand(folder: Path, config: Mapping[str, Any]) -> bool:
    model = settings_of(folder, MODEL_CONFIG)
    named = config.get("tokenizer_class") or model.get("tokenizer_class")
    return named in MADE_BY_HAND or (named is None and model.get("model_type") in MADE_BY_HAND)


def _decided_elsewhere(folder: Path, config: Mapping[str, Any]) -> bool:
    own = settings_of(folder, MODEL_CONFIG).get("model_type") in OWN_CLASS
    return own or any(name in config for name in ELSEWHERE)


def _all_stored(folder: Path, config: Mapping[str, Any], tokens: Mapping[str, str]) -> bool:
    """Return whether tokenizer.json has every token that a file or class names, in the same way."""
    known = {token.get("content"): token for token in added_tokens(folder)}
    known_entries = [{"id": token.get("id"), **token} for token in known.values()]
    return (
        all(token in known for token in (*tokens.values(), *_extra_tokens(folder, config)))
        and all(token in known_entries for token in decoder_tokens(config))
        and all(known.get(token, {}).get("id") == number for token, number in settings_of(folder, ADDED_TOKENS).items())
    )


def _all_kept(folder: Path, config: Mapping[str, Any]) -> bool:
    """Return whether a class that keeps the vocabulary alone adds every added token of tokenizer.json again."""
    vocabulary, listed = rules_of(folder)["model"]["vocab"], decoder_tokens(config)
    tokens = added_tokens(folder)
    in_place = all(vocabulary.get(token.get("content")) == token.get("id") for token in tokens)
    return in_place and (not listed or all(token in listed for token in tokens))


def _extra_tokens(folder: Path, config: Mapping[str, Any]) -> Iterable[str | None]:
    """Return the special tokens without a role that a file names; None for one in a form that is not known here."""
    for given in (config, settings_of(folder, SPECIAL_TOKENS_MAP)):
        for name in EXTRA:
            extra = given.get(name) or []
            yield from map(_content, extra.values() if isinstance(extra, dict) else extra)
