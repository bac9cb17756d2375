"""Defines how metrics of generated texts split a text into words: by the language or the script of the texts."""

from typing import Literal

from pydantic import Field

from ftcore.helpers import did_you_mean
from ftcore.parts import Problems, SpecPart
from ftcore.targets.judges import References
from ftcore.text import UNSPACED, scripts_of

Splitting = Literal["english", "words", "chinese", "japanese", "korean", "characters"]
"""How texts are split into words; `words` is for all languages with spaces between words."""
CHARACTERS = "characters"
CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
"""The language codes of ISO 639-1."""
LANGUAGES = frozenset(CODES.split())
OF_LANGUAGES: dict[str, Splitting] = {
    "en": "english",
    "zh": "chinese",
    "ja": "japanese",
    "ko": "korean",
    **dict.fromkeys(("bo", "dz", "km", "lo", "my", "th"), "characters"),
    CHARACTERS: "characters",
}
"""The languages that are not split as `words`."""
KANA, LEAST_KANA = ("HIRAGANA", "KATAKANA"), 0.1
"""The scripts of Japanese beside Chinese characters, and their least share in Japanese texts."""


class MetricLanguage(SpecPart):
    """The language of the texts that are judged."""

    metric_language: str | None = Field(
        None,
        description="Language of the judged texts, such as zh (ISO 639-1), which chooses how metrics split them into "
        "words; characters for none; default: by the script of the references.",
    )

    def _problems(self) -> Problems:
        given = self.metric_language
        if given is None or given in LANGUAGES or given == CHARACTERS:
            return []
        near = did_you_mean(given, [*LANGUAGES, CHARACTERS])
        return [
            (("metric_language",), f"given {given!r}{near}; allowed: a code of ISO 639-1 such as zh, or {CHARACTERS}")
        ]


def splitting_of(language: str | None, references: References) -> Splitting:
    """Return how references are split into words: by the language, or without one by their most frequent script."""
    if language is not None:
        return OF_LANGUAGES.get(language, "words")
    counts = scripts_of(text for texts in references for text in texts)
    unspaced = {script: count for script, count in counts.items() if script in UNSPACED}
    if 2 * sum(unspaced.values()) < sum(counts.values()) or not unspaced:
        return "english" if 2 * counts["LATIN"] >= sum(counts.values()) else "words"
    east_asian = sum(unspaced.get(script, 0) for script in ("CJK", "IDEOGRAPHIC", *KANA))
    if 2 * east_asian < sum(unspaced.values()):
        return "characters"
    return "japanese" if sum(counts[script] for script in KANA) >= LEAST_KANA * east_asian else "chinese"
