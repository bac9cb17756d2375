"""Copies a tokenizer's files to a result, which transformers' AutoTokenizer reads as the run did."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from ftcore.errors import ModelError
from ftcore.files import write_json
from ftcore.text.plain_settings import AS_STORED, settings_of
from ftcore.text.stored_tokenizer import StoredTokenizer, stored_tokenizer
from ftcore.text.tokenizer_files import ADDED_TOKENS, FAST, FILES, MODEL_CONFIG, SPECIAL_TOKENS_MAP, TOKENIZER_CONFIG

INPUTS = ["input_ids", "token_type_ids", "attention_mask"]
"""What a tokenizer gives a network with token types."""


def copy_tokenizer(source: Path, folder: Path, content: str | None = None) -> None:
    """Copy a tokenizer's files, so that AutoTokenizer reads the result as `Tokenizer.load` reads the source.

    tokenizer.json is that of AutoTokenizer, and tokenizer_config.json names the class, which transformers would choose
    from config.json, maybe that of another model. Where the class would still build other rules from these files, the
    result names the class that takes tokenizer.json as it is.

    Args:
        source: the folder that has them.
        folder: the existing target folder, with the result's config.json if it has one.
        content: the content of tokenizer.json; None to copy that of `source`.
    """
    stored = stored_tokenizer(source)
    for name in FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    rules = stored.content() if content is None else content
    if content is not None or (source / FAST).is_file():
        _write_rules(folder, source, rules)
    _finish(folder, stored, rules)


def copy_target_tokenizer(source: Path, folder: Path) -> None:
    """Copy a tokenizer to a new folder, always with tokenizer.json, because converting older files needs a config.json.

    Args:
        source: the folder that has them.
        folder: the target folder, which is created.

    Raises:
        ModelError: there is no tokenizer, or its older files cannot be converted.
    """
    folder.mkdir()
    copy_tokenizer(source, folder, stored_tokenizer(source).content())


def _write_rules(folder: Path, source: Path, rules: str) -> None:
    """Write tokenizer.json, byte for byte as in the source if it is the same."""
    if not (source / FAST).is_file() or (source / FAST).read_text("utf-8") != rules:
        (folder / FAST).write_text(rules, encoding="utf-8")


def _finish(folder: Path, stored: StoredTokenizer, rules: str) -> None:
    """Name the class, or the one that takes tokenizer.json as it is if that would build other rules."""
    config = settings_of(folder, TOKENIZER_CONFIG)
    if stored.class_name is not None and not config.get("tokenizer_class"):
        config = {**config, "tokenizer_class": stored.class_name}
        write_json(folder / TOKENIZER_CONFIG, config)
    if _has_types(folder) and stored.token_types != stored.tells_types:
        config = {**config, "model_input_names": INPUTS}
        write_json(folder / TOKENIZER_CONFIG, config)
    if _is_read_as(folder, stored, rules):
        return
    for name in (SPECIAL_TOKENS_MAP, ADDED_TOKENS):
        (folder / name).unlink(missing_ok=True)
    (folder / FAST).write_text(rules, encoding="utf-8")
    write_json(folder / TOKENIZER_CONFIG, {**config, **_as_stored(stored)})


def _is_read_as(folder: Path, stored: StoredTokenizer, rules: str) -> bool:
    try:
        found = stored_tokenizer(folder)
        free = {name: getattr(stored, name) for name in ("path", "max_length", "class_name", "tells_types")}
        return replace(found, **free) == stored and _plain(found.content()) == _plain(rules)
    except ModelError:
        return False


def _plain(rules: str) -> Any:
    """Return the rules in one form, without padding and truncation, which are never used."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(rules)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return json.loads(tokenizer.to_str())


def _as_stored(stored: StoredTokenizer) -> dict[str, Any]:
    """Return the fields of tokenizer_config.json with which transformers takes tokenizer.json as it is."""
    return {"tokenizer_class": AS_STORED[0], **stored.special_tokens}


def _has_types(folder: Path) -> bool:
    """Return whether a result's network has a table of token types."""
    types = settings_of(folder, MODEL_CONFIG).get("type_vocab_size", 0)
    return isinstance(types, int) and types > 1
