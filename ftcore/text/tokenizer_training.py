"""Trains byte-level BPE tokenizers, which represent any text exactly, with the tokenizers library.

The library's other trainers (Unigram, WordPiece) give a different vocabulary in each run on the same texts, because
they traverse tables in random order; byte-level BPE always gives the same one.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ftcore.errors import DataError
from ftcore.files import cache, read_json
from ftcore.text.tokenizer_files import FAST
from ftcore.text.training_settings import BEGIN, END, MASK, PAD, SMALLEST, SPECIAL, UNKNOWN, TokenizerKind

if TYPE_CHECKING:
    import tokenizers

FORMAT = 1
"""The version in every cache key; raise it if the same texts give another tokenizer."""
CONFIG, SPECIAL_TOKENS = "tokenizer_config.json", "special_tokens_map.json"
Before = Literal["[BOS]", ""]
ROLES = {
    "pad_token": PAD,
    "unk_token": UNKNOWN,
    "bos_token": BEGIN,
    "eos_token": END,
    "cls_token": BEGIN,
    "sep_token": END,
    "mask_token": MASK,
}
"""Their roles in transformers; the begin and end tokens also serve as cls_token and sep_token."""


def trained_tokenizer(
    texts: Iterable[str], kind: TokenizerKind, vocabulary: int, sources: Sequence[str], before: str = BEGIN
) -> Path:
    """Return the folder of a tokenizer trained on texts, from the cache if it was trained before.

    transformers' AutoTokenizer and `ftcore.text.tokenizer.Tokenizer` can load it. The same texts in the same order
    give the same files.

    Args:
        texts: the training texts; read only if the tokenizer is not in the cache.
        kind: the kind of tokenizer.
        vocabulary: the maximum number of tokens, with special ones; few texts give fewer.
        sources: what determines the texts, such as the SHA-256 of their files and the names of their columns.
        before: the token before every text; [EOS] follows every text. A decoder's targets have none before, because
            the decoder has its own start token.

    Raises:
        DataError: there are no texts.
    """
    return cache.found_or_built(
        _key(kind, vocabulary, sources, before),
        _whole,
        lambda folder: _save(_trained(texts, vocabulary), before, folder),
    )


def _key(kind: str, vocabulary: int, sources: Sequence[str], before: str) -> str:
    version = importlib.metadata.version("tokenizers")
    text = json.dumps([FORMAT, version, kind, vocabulary, list(sources), before])
    return f"trained-tokenizer-{hashlib.sha256(text.encode()).hexdigest()}"


def _trained(texts: Iterable[str], vocabulary: int) -> "tokenizers.Tokenizer":
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    # Radford et al. 2019, section 2.2: merges of bytes within words, which include the space before them.
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(iter(texts), trainer)
    if tokenizer.get_vocab_size() == SMALLEST:
        raise DataError("there are no texts to train a tokenizer on, or they repeat nothing: give more of them")
    return tokenizer


def _save(tokenizer: "tokenizers.Tokenizer", before: str, folder: Path) -> None:
    from tokenizers.processors import TemplateProcessing

    one = f"{before} $A:0 {END}:0".strip()
    ids = [(token, SPECIAL.index(token)) for token in (BEGIN, END)]
    tokenizer.post_processor = TemplateProcessing(single=one, pair=f"{one} $B:1 {END}:1", special_tokens=ids)
    tokenizer.save(str(folder / FAST))
    # Without clean-up, decoding returns the exact text.
    described = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False, **ROLES}
    _save_json(folder / CONFIG, described)
    _save_json(folder / SPECIAL_TOKENS, ROLES)


def _whole(folder: Path) -> Path:
    """Return the folder of a tokenizer; raises OSError or ValueError if a file is missing or damaged."""
    for name in (FAST, CONFIG, SPECIAL_TOKENS):
        read_json(folder / name)
    return folder


def _save_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
