"""Copies a tokenizer's files to a result."""

import shutil
from pathlib import Path

from ftcore.files import write_json
from ftcore.text.plain_settings import settings_of
from ftcore.text.stored_tokenizer import StoredTokenizer, stored_tokenizer
from ftcore.text.tokenizer_files import FAST, FILES, TOKENIZER_CONFIG


def copy_tokenizer(source: Path, folder: Path, content: str | None = None) -> None:
    """Copy a tokenizer's files, with the tokenizer.json that transformers' AutoTokenizer gives.

    The other files are unchanged, except that tokenizer_config.json names the class: transformers would choose one
    from config.json, which may be that of another model. A tokenizer of older files stays one.

    Args:
        source: the folder that has them.
        folder: the existing target folder.
        content: the content of tokenizer.json; None to copy that of `source`.
    """
    for name in FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    if content is not None:
        (folder / FAST).write_text(content, encoding="utf-8")
    stored = stored_tokenizer(source)
    if content is None and (source / FAST).is_file() and stored.path != source / FAST:
        shutil.copyfile(stored.path, folder / FAST)
    _name_class(folder, stored)


def copy_target_tokenizer(source: Path, folder: Path) -> None:
    """Copy a tokenizer to a new folder, always with tokenizer.json, because converting older files needs a config.json.

    Args:
        source: the folder that has them.
        folder: the target folder, which is created.

    Raises:
        ModelError: there is no tokenizer, or its older files cannot be converted.
    """
    folder.mkdir()
    copy_tokenizer(source, folder)
    shutil.copyfile(stored_tokenizer(source).path, folder / FAST)


def _name_class(folder: Path, stored: StoredTokenizer) -> None:
    config = settings_of(folder, TOKENIZER_CONFIG)
    if stored.class_name is not None and not config.get("tokenizer_class"):
        write_json(folder / TOKENIZER_CONFIG, {**config, "tokenizer_class": stored.class_name})
