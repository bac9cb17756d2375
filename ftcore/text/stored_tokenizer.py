"""Finds the tokenizer of a folder: its rules as a tokenizer.json, and its settings besides them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ftcore.errors import ModelError
from ftcore.files import read_object
from ftcore.formats import DESCRIPTION
from ftcore.text.auto_tokenizer import asked, can_ask
from ftcore.text.contradictions import check_settings, check_stated
from ftcore.text.plain_settings import PlainSettings, named_tokens, states_types
from ftcore.text.tokenizer_files import FAST, TARGET_TOKENIZER

Side = Literal["left", "right"]
AS_AUTO_TOKENIZER = {"tokenizer": "as AutoTokenizer"}
"""The field of ftcore.json of a result whose tokenizer reads texts as transformers' AutoTokenizer does.

Results of earlier versions do not have it: they were trained with tokenizer.json alone.
"""


@dataclass(frozen=True)
class StoredTokenizer:
    """The tokenizer of a folder, as transformers' AutoTokenizer reads it.

    Attributes:
        path: its tokenizer.json, in the folder or in the cache.
        special_tokens: the special tokens by their role, such as "eos_token".
        truncation_side: the end at which a long text is cut.
        splits_special_tokens: whether special tokens within a text are ordinary text.
        token_types: whether the network is told which tokens belong to the second text of a pair: unless
            `model_input_names` leaves them out.
        tells_types: whether AutoTokenizer tells it, which depends on the class too; a result's files say it if needed.
        cleans_up: whether decoded texts lose the spaces before punctuation.
        max_length: the longest text in tokens, with special tokens; None if no file says it.
        class_name: its class in transformers; None for that of config.json.
    """

    path: Path
    special_tokens: dict[str, str]
    truncation_side: Side = "right"
    splits_special_tokens: bool = False
    token_types: bool = True
    tells_types: bool = True
    cleans_up: bool = False
    max_length: int | None = None
    class_name: str | None = None

    def unusual(self) -> str:
        """Return its settings for the tokens of a text that are not the usual ones, as part of a hash."""
        usual = StoredTokenizer(self.path, {})
        names = ("truncation_side", "splits_special_tokens", "token_types")
        return "".join(f"\n{name}" for name in names if getattr(self, name) != getattr(usual, name))

    def content(self) -> str:
        """Return its tokenizer.json.

        Raises:
            ModelError: it is not text.
        """
        try:
            return self.path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise ModelError(f"{self.path}: is not a tokenizer of the tokenizers library: {error}") from error


def stored_tokenizer(folder: Path) -> StoredTokenizer:
    """Return the tokenizer of a folder.

    tokenizer.json is taken as it is where the other files say nothing else; else transformers' AutoTokenizer is asked.

    Args:
        folder: a folder with tokenizer.json, or with older files that transformers can convert.

    Raises:
        ModelError: there is no tokenizer, it cannot be read, or a file contradicts tokenizer.json and transformers,
            which decides, is not installed.
    """
    path = folder / FAST
    if path.is_file():
        plain = PlainSettings.read(folder)
        if _is_earlier_result(folder):
            check_stated(folder)
            return StoredTokenizer(path, named_tokens(folder))
        if plain.are_all:
            return StoredTokenizer(path, plain.special_tokens, **plain.others)
        if not can_ask():
            check_settings(folder)
            return StoredTokenizer(path, plain.special_tokens, **plain.others)
    found, settings = asked(folder)
    return StoredTokenizer(found, token_types=states_types(folder), **settings)


def _is_earlier_result(folder: Path) -> bool:
    """Return whether an earlier version of ftcore wrote the folder."""
    path = (folder.parent if folder.name == TARGET_TOKENIZER else folder) / DESCRIPTION
    return path.is_file() and not AS_AUTO_TOKENIZER.keys() <= read_object(path).keys()
