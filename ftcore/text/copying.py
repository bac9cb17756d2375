"""Copies a tokenizer's files beside a result."""

import shutil
from pathlib import Path

from ftcore.text.tokenizer_conversion import tokenizer_file
from ftcore.text.tokenizer_files import FAST, FILES


def copy_tokenizer(source: Path, folder: Path, content: str | None = None) -> None:
    """Copy a tokenizer's files as they are.

    Args:
        source: the folder that has them.
        folder: where to; it exists.
        content: of tokenizer.json, where it is not that of `source`; None where it is.
    """
    for name in FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    if content is not None:
        (folder / FAST).write_text(content, encoding="utf-8")


def copy_target_tokenizer(source: Path, folder: Path) -> None:
    """Copy a tokenizer into a new folder, its tokenizer.json always: converting older files takes a config.json.

    Args:
        source: the folder that has them.
        folder: where to; it is made.

    Raises:
        ModelError: there is no tokenizer, or its older files cannot be converted.
    """
    folder.mkdir()
    copy_tokenizer(source, folder)
    shutil.copyfile(tokenizer_file(source), folder / FAST)
