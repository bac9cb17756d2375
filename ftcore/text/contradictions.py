"""Finds settings that contradict tokenizer.json, where transformers cannot be asked which of them holds."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ftcore.errors import ModelError
from ftcore.text import bert_form
from ftcore.text.plain_settings import added_tokens, class_name, decoder_tokens, named_tokens, rules_of, settings_of
from ftcore.text.tokenizer_files import FAST, MODEL_CONFIG, TOKENIZER_CONFIG

LOWERING = ("MPNet", "MobileBert", "Funnel", "LayoutLM", "Albert", "DebertaV2")
"""The classes of transformers besides BertTokenizer, without their endings, that follow do_lower_case."""
SPACED = ("Roberta", "GPT2", "Bart", "Longformer", "Deberta", "Qwen2", "CodeGen")
"""The classes of transformers, without their endings, that follow add_prefix_space with byte-level tokens."""

Config = Mapping[str, Any]
Problem = tuple[str, str]
"""The field of tokenizer_config.json, and what is wrong with it."""


def check_settings(folder: Path) -> None:
    """Check that the settings beside a folder's tokenizer.json say the same as it.

    Raises:
        ModelError: one does not; names file and field.
    """
    for field, problem in _problems(folder):
        raise _error(folder, field, problem)


def check_stated(folder: Path) -> None:
    """Check the fields that tokenizer_config.json states, as `check_settings`, but no defaults of a class."""
    stated = settings_of(folder, TOKENIZER_CONFIG)
    for field, problem in _problems(folder):
        if field in stated:
            raise _error(folder, field, problem)


def _error(folder: Path, field: str, problem: str) -> ModelError:
    return ModelError(
        f"{folder / TOKENIZER_CONFIG}: {field} {problem}: transformers follows the field, and here ftcore can only "
        f"follow {FAST}: make them agree or, for a pretrained model, install transformers"
    )


def _problems(folder: Path) -> Iterator[Problem]:
    config, stored = settings_of(folder, TOKENIZER_CONFIG), rules_of(folder)
    if bert_form.of_class(config, settings_of(folder, MODEL_CONFIG)):
        yield from _of_bert(folder, config, stored)
    else:
        yield from _lower_case(config, stored)
        yield from _prefix_space(config, stored)
    yield from _added(folder, config)
    yield from _roles(folder, stored)


def _of_bert(folder: Path, config: Config, stored: Config) -> Iterator[Problem]:
    tokens = {**bert_form.ROLES, **named_tokens(folder)}
    for field, wanted, found in bert_form.differences(stored, config, tokens):
        if field != bert_form.CLASS:
            yield field, f"asks for {wanted!r}, but {FAST} has {found}"


def _lower_case(config: Config, stored: Config) -> Iterator[Problem]:
    given, lowers = config.get("do_lower_case"), _lowers(stored)
    if class_name(config) in LOWERING and isinstance(given, bool) and given != lowers:
        yield "do_lower_case", f"is {given}, but {FAST} {'lowers' if lowers else 'does not lower'} texts"


def _prefix_space(config: Config, stored: Config) -> Iterator[Problem]:
    given = config.get("add_prefix_space")
    for part in _parts(stored.get("pre_tokenizer"), "ByteLevel"):
        if class_name(config) in SPACED and isinstance(given, bool) and given != part.get("add_prefix_space"):
            yield "add_prefix_space", f"is {given}, but {part.get('add_prefix_space')} in {FAST}"


def _added(folder: Path, config: Config) -> Iterator[Problem]:
    known = added_tokens(folder)
    for token in decoder_tokens(config):
        if token not in known:
            yield "added_tokens_decoder", f"has {token['content']!r}, which {FAST} does not have with this id and form"


def _roles(folder: Path, stored: Config) -> Iterator[Problem]:
    vocabulary = stored["model"].get("vocab") or {}
    known = set(vocabulary if isinstance(vocabulary, dict) else (token for token, _ in vocabulary))
    known |= {token.get("content") for token in added_tokens(folder)}
    for role, token in named_tokens(folder).items():
        if token not in known:
            yield role, f"is {token!r}, which {FAST} does not have"


def _lowers(stored: Config) -> bool:
    normalizer = stored.get("normalizer")
    found = [part.get("lowercase") is True for part in _parts(normalizer, "BertNormalizer")]
    return any(found) or any(True for _ in _parts(normalizer, "Lowercase"))


def _parts(node: object, kind: str) -> Iterator[Config]:
    """Yield the parts of a type in a normalizer or pre_tokenizer, also within sequences."""
    if not isinstance(node, Mapping):
        return
    if node.get("type") == kind:
        yield node
    for name in ("normalizers", "pretokenizers"):
        for part in node.get(name) or ():
            yield from _parts(part, kind)
