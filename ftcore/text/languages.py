"""Adds language codes, special tokens that tell a model the language of a source or target text.

Their positions are those of transformers: MBartTokenizer puts the code after a text, MBart50Tokenizer before it, and
MarianTokenizer puts the target's code before the source.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ftcore.errors import SpecError
from ftcore.files import read_object
from ftcore.helpers import did_you_mean
from ftcore.text.tokenizer import Tokenizer
from ftcore.text.tokenizer_files import MODEL_CONFIG

CODE = re.compile(r"[a-z]{2,3}_[A-Z]{2}|>>.+<<")
"""The patterns of mBART's and of Marian's codes."""


@dataclass(frozen=True)
class Languages:
    """Tokenizers that mark texts with their languages, and the tokens that set the decoder's language.

    Attributes:
        source, target: the tokenizers.
        start: id of the token that a decoder starts with; None for the model's own.
        forced_begin: id of the forced first generated token; None for none.
    """

    source: Tokenizer
    target: Tokenizer
    start: int | None = None
    forced_begin: int | None = None

    @property
    def generation(self) -> dict[str, int]:
        """The fields of generation_config.json for the languages."""
        said = {"decoder_start_token_id": self.start, "forced_bos_token_id": self.forced_begin}
        return {name: token for name, token in said.items() if token is not None}


@dataclass(frozen=True)
class _Asked:
    """The codes in a spec or in the tokenizer's configuration; None if not given."""

    folder: Path
    source: str | None
    target: str | None


def languages(
    folder: Path, source: Tokenizer, target: Tokenizer, source_language: str | None, target_language: str | None
) -> Languages:
    """Return tokenizers that mark sources and targets with their languages, if the model's tokenizers do.

    Args:
        folder: the folder of the tokenizer's files.
        source: the tokenizer of the sources, as loaded.
        target: the tokenizer of the targets, which may be the same.
        source_language: the tokenizer's code for the sources, such as "en_XX"; None for the one in its
            configuration (src_lang).
        target_language: the same for the targets (tgt_lang).

    Raises:
        SpecError: a code is not one of the tokenizer's, is missing, or the tokenizer has none.
    """
    config = _config(folder)
    marks = MARKS.get(str(config.get("tokenizer_class", "")).removesuffix("Fast"))
    if marks is None:
        _refuse({"source_language": source_language, "target_language": target_language}, folder)
        return Languages(source, target)
    asked = _Asked(folder, source_language or config.get("src_lang"), target_language or config.get("tgt_lang"))
    return marks(Languages(source, target), asked)


def _after(plain: Languages, asked: _Asked) -> Languages:
    """Mark as mBART does: end token and code after a text; the decoder starts with the target's code."""
    (of_source, of_target), end = _both(plain, asked), _end(plain.source)
    return replace(
        plain,
        source=plain.source.with_around([], [*end, of_source]),
        target=plain.target.with_around([], [*end, of_target]),
        start=of_target,
    )


def _before(plain: Languages, asked: _Asked) -> Languages:
    """Mark as mBART-50 does: code before a text, end token after it."""
    (of_source, of_target), end = _both(plain, asked), _end(plain.source)
    return replace(
        plain,
        source=plain.source.with_around([of_source], end),
        target=plain.target.with_around([of_target], end),
        forced_begin=of_target,
    )


def _before_source(plain: Languages, asked: _Asked) -> Languages:
    """Mark as multilingual Marian models do: the target's code, such as >>fra<<, before the source."""
    _refuse({"source_language": asked.source}, asked.folder)
    if asked.target is None:
        return plain
    code = asked.target if asked.target.startswith(">>") else f">>{asked.target}<<"
    before, after = plain.source.around()
    found = _id(plain.source, code, "target_language", asked.folder)
    return replace(plain, source=plain.source.with_around([found, *before], after))


MARKS: dict[str, Callable[[Languages, _Asked], Languages]] = {
    "MBartTokenizer": _after,
    "MBart50Tokenizer": _before,
    "MarianTokenizer": _before_source,
}
"""How texts are marked, by the tokenizer's class in transformers."""
OF_MODELS = {"mbart": "MBartTokenizer", "marian": "MarianTokenizer"}
"""The class by model type, if the tokenizer's configuration does not give it."""


def _config(folder: Path) -> dict[str, Any]:
    """Return the tokenizer's configuration, with its class."""
    path, model = folder / "tokenizer_config.json", folder / MODEL_CONFIG
    stored = read_object(path) if path.is_file() else {}
    kind = read_object(model).get("model_type") if model.is_file() else None
    return {"tokenizer_class": OF_MODELS.get(str(kind)), **stored}


def _both(plain: Languages, asked: _Asked) -> tuple[int, int]:
    for name, code in (("source_language", asked.source), ("target_language", asked.target)):
        if code is None:
            raise SpecError(f"data.{name}: needed: the tokenizer of {asked.folder} marks texts with their language")
    return (
        _id(plain.source, str(asked.source), "source_language", asked.folder),
        _id(plain.target, str(asked.target), "target_language", asked.folder),
    )


def _id(tokenizer: Tokenizer, code: str, name: str, folder: Path) -> int:
    found = tokenizer.id_of(code)
    if found is None or CODE.fullmatch(code) is None:
        known = [token for token in tokenizer.added_tokens() if CODE.fullmatch(token)]
        raise SpecError(f"data.{name}: given {code!r}, which is not a code of {folder}{did_you_mean(code, known)}")
    return found


def _end(tokenizer: Tokenizer) -> list[int]:
    end = tokenizer.token_id("eos_token")
    return [] if end is None else [end]


def _refuse(given: dict[str, str | None], folder: Path) -> None:
    for name, code in given.items():
        if code is not None:
            raise SpecError(
                f"data.{name}: given {code!r}, but the tokenizer of {folder} has no language codes: leave it out"
            )
