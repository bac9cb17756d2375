"""Checks that a folder's tokenizer fits the network."""

import json
from collections.abc import Iterator
from pathlib import Path

from ftcore.errors import ModelError
from ftcore.text.plain_settings import OWN_CLASS
from ftcore.text.stored_tokenizer import StoredTokenizer, stored_tokenizer
from ftcore.text.tokenizer_files import ADDED_TOKENS, FAST, SPECIAL_TOKENS_MAP, TOKENIZER_CONFIG, VOCABULARIES

SETTINGS = ", ".join((TOKENIZER_CONFIG, SPECIAL_TOKENS_MAP, ADDED_TOKENS))


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
    _check(folder / FAST, vocabulary)
    stored = stored_tokenizer(folder)
    if stored.path != folder / FAST:
        _check_given(folder, stored, vocabulary)


def check_class(folder: Path, model_type: str) -> None:
    """Check that transformers would read a result with this tokenizer and of this model type as ftcore does.

    Raises:
        ModelError: it takes another class for the model type, whatever the tokenizer's files say.
    """
    own = OWN_CLASS.get(model_type)
    if own is not None and stored_tokenizer(folder).class_name != own:
        raise ModelError(
            f"model.from_scratch.tokenizer: transformers reads the tokenizer of every {model_type} as {own}, so a "
            "result would read other tokens than its training: take another architecture, or a tokenizer of that class"
        )


def _check(path: Path, vocabulary: int) -> None:
    if path.is_file() and (largest := max((number for _, number in _tokens(path)), default=-1)) >= vocabulary:
        raise ModelError(
            f"{path}: has a token of id {largest}, but the network's vocab_size is {vocabulary}: "
            "this tokenizer belongs to another model"
        )


def _check_given(folder: Path, stored: StoredTokenizer, vocabulary: int) -> None:
    """Check the tokens that transformers adds because of other files."""
    token, number = max(_tokens(stored.path), key=lambda found: found[1], default=("", -1))
    if number < vocabulary:
        return
    roles = " and ".join(role for role, content in stored.special_tokens.items() if content == token)
    raise ModelError(
        f"{folder}: transformers gives the token {token!r}{f' ({roles})' if roles else ''} of {SETTINGS} or of the "
        f"tokenizer's class the id {number}, but the network's vocab_size is {vocabulary}: name a token of the "
        "vocabulary there"
    )


def _tokens(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the tokens of a tokenizer.json and their ids."""
    try:
        stored = json.loads(path.read_text("utf-8"))
        vocabulary = stored["model"].get("vocab", {})
        if isinstance(vocabulary, dict):
            yield from ((token, int(number)) for token, number in vocabulary.items())
        else:
            yield from ((token, number) for number, (token, _) in enumerate(vocabulary))
        yield from ((token["content"], int(token["id"])) for token in stored.get("added_tokens") or [])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: is not a tokenizer of the tokenizers library: {error!r}") from error
