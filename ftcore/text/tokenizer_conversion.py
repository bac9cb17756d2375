"""Converts older tokenizer files (vocab.txt, ...) to tokenizer.json with transformers, in a child process.

transformers is not imported in this process, because it would load torch in every run.
"""

import hashlib
import importlib.util
from pathlib import Path

from ftcore.errors import ModelError
from ftcore.files import found_or_built, read_json
from ftcore.helpers import captured, code_command
from ftcore.text.tokenizer_files import FAST, FILES

CONVERT = """
import sys
from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1], local_files_only=True, trust_remote_code=False)
tokenizer.backend_tokenizer.save(sys.argv[2])
"""


def tokenizer_file(folder: Path) -> Path:
    """Return the path of a model folder's tokenizer.json, or of one converted from its older files.

    Raises:
        ModelError: see `converted`.
    """
    path = folder / FAST
    return path if path.is_file() else converted(folder)


def converted(folder: Path) -> Path:
    """Return the path of a converted tokenizer.json, from the cache if it was converted before.

    Args:
        folder: a model folder without tokenizer.json.

    Raises:
        ModelError: transformers is not installed, or cannot convert it.
    """
    sources = [folder / name for name in (*FILES, "config.json") if (folder / name).is_file()]
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    key = f"tokenizer-{digest.hexdigest()}"
    return found_or_built(key, _whole, lambda partial: _convert(folder, partial / FAST))


def _whole(folder: Path) -> Path:
    """Return the path of a folder's tokenizer.json; raises OSError or ValueError if it is missing or damaged."""
    read_json(folder / FAST)
    return folder / FAST


def _convert(folder: Path, target: Path) -> None:
    if importlib.util.find_spec("transformers") is None:
        raise ModelError(
            f"{folder}: has no {FAST}, and converting its files needs transformers: pip install transformers, "
            "or save the tokenizer with save_pretrained of a fast tokenizer"
        )
    done = captured(code_command(CONVERT, str(folder), str(target)))
    if done.returncode != 0:
        raise ModelError(f"{folder}: has no {FAST}, and transformers cannot convert its files: {done.reason}")
