"""Copies a tokenizer's files to a result."""

import shutil
from pathlib import Path

from ftcore.text.tokenizer_conversion import tokenizer_file
from ftcore.text.tokenizer_files import FAST, FILES


def copy_tokenizer(source: Path, folder: Path, content: str | None = None) -> None:
    """Copy a tokenizer's files unchanged.

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
    shutil.copyfile(tokenizer_file(source), folder / FAST)
