"""Lists the tokenizer files of a model folder and checks that they fit the network."""

import json
from pathlib import Path
from typing import Any

from ftcore.errors import ModelError

FAST, CHAT_TEMPLATE = "tokenizer.json", "chat_template.jinja"
VOCABULARIES = ("vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model")
FILES = (
    FAST,
    *VOCABULARIES,
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    CHAT_TEMPLATE,
)
"""All files of a tokenizer, which are copied to a result."""
MODEL_CONFIG = "config.json"
"""The model's file with its type, which determines how its tokenizer is converted."""
TARGET_TOKENIZER = "target_tokenizer"
"""The subfolder of an encoder-decoder's target tokenizer, if it has a separate one."""


def check_tokenizer(folder: Path, vocabulary: int) -> None:
    """Check that a folder has a tokenizer whose ids fit the network's embedding.

    Args:
        folder: a model folder.
        vocabulary: the number of rows of the embedding.

    Raises:
        ModelError: there is no tokenizer, or an id exceeds the last row.
    """
    if not any((folder / name).is_file() for name in (FAST, *VOCABULARIES)):
        raise ModelError(f"{folder}: has no tokenizer: neither {FAST} nor a vocabulary ({', '.join(VOCABULARIES)})")
    path = folder / FAST
    if path.is_file() and (largest := _largest_id(path)) >= vocabulary:
        raise ModelError(
            f"{path}: has a token of id {largest}, but the network's vocab_size is {vocabulary}: "
            "this tokenizer belongs to another model"
        )


def _largest_id(path: Path) -> int:
    try:
        stored = json.loads(path.read_text("utf-8"))
        vocabulary: Any = stored["model"].get("vocab", {})
        ids = vocabulary.values() if isinstance(vocabulary, dict) else range(len(vocabulary))
        added = [token["id"] for token in stored.get("added_tokens") or []]
        return max(max(ids, default=-1), max(added, default=-1))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: is not a tokenizer of the tokenizers library: {error!r}") from error
