"""A tokenizer of older files (vocab.txt, ...) as tokenizer.json, made by transformers in a child process.

transformers stays out of this process: it would load torch into every run.
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
    """Return the path of a model folder's tokenizer.json; where it has older files, of one that is made of them.

    Raises:
        ModelError: as `converted`.
    """
    path = folder / FAST
    return path if path.is_file() else converted(folder)


def converted(folder: Path) -> Path:
    """Return the path of a converted tokenizer.json, from the cache where it was made before.

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
    """Return the path of a folder's tokenizer.json; raises OSError or ValueError where it is missing or damaged."""
    read_json(folder / FAST)
    return folder / FAST


def _convert(folder: Path, target: Path) -> None:
    if importlib.util.find_spec("transformers") is None:
        raise ModelError(
            f"{folder}: has no {FAST}, and making it needs transformers: pip install transformers, "
            "or save the tokenizer with save_pretrained of a fast tokenizer"
        )
    done = captured(code_command(CONVERT, str(folder), str(target)))
    if done.returncode != 0:
        raise ModelError(f"{folder}: has no {FAST}, and transformers cannot make it: {done.reason}")
