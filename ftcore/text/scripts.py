"""Finds the scripts of texts, and splits texts of any script into words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache

UNSPACED = frozenset(
    {"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"}
)
"""The scripts that are written without spaces between words."""
WIDTHS = ("FULLWIDTH", "HALFWIDTH")
"""The first words in the Unicode names of letters of another width."""


@cache
def script_of(character: str) -> str:
    """Return the script of a letter: the first word of its Unicode name, such as LATIN or CJK; "" without a name."""
    words = re.split("[ -]", unicodedata.name(character, ""))
    return words[1] if words[0] in WIDTHS and len(words) > 1 else words[0]


def scripts_of(texts: Iterable[str]) -> Counter[str]:
    """Return the number of letters of each script, the most frequent first."""
    characters = Counter[str]()
    for text in texts:
        characters.update(text)
    found = Counter[str]()
    for character, count in characters.items():
        if character.isalpha():
            found[script_of(character)] += count
    return Counter(dict(found.most_common()))


def words_of_any_script(text: str) -> list[str]:
    """Return the words of a text in lower case: its runs of letters, marks and digits.

    Each character of a script without spaces between words is a word, as in sacrebleu's tokenizer `char`.
    """
    return text.lower().translate(_WORDS).split()


def with_spaced_characters(text: str) -> str:
    """Return a text with spaces around each character of a script without spaces between words."""
    return text.translate(_SPACED)


def _spaced(character: str) -> str:
    return f" {character} " if script_of(character) in UNSPACED else character


def _in_word(character: str) -> str:
    return _spaced(character) if unicodedata.category(character)[0] in "LMN" else " "


class _Translation(dict[int, str]):
    """A table for str.translate that is filled as characters occur."""

    def __init__(self, translated: Callable[[str], str]) -> None:
        super().__init__()
        self._translated = translated

    def __missing__(self, code: int) -> str:
        self[code] = self._translated(chr(code))
        return self[code]


_WORDS, _SPACED = _Translation(_in_word), _Translation(_spaced)
