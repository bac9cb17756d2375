"""Computes ROUGE with Google Research's rouge-score."""

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ftcore.helpers import required
from ftcore.targets.judges import References
from ftcore.targets.metric_language import Splitting, splitting_of
from ftcore.text import words_of_any_script

ROUGE = {"rouge1": 1, "rouge2": 2, "rougeL": 1}
"""The metrics, and the least number of words that a reference needs for a score above 0."""
MOST_UNSEEN = 0.1
"""The share of letters up to which rouge-score's own tokenizer may drop them without a note."""
FIELD = "data.metric_language chooses how words are found"


class AnyScript:
    """A tokenizer for rouge-score: words of any script, in lower case; none is stemmed."""

    name: ClassVar[str] = "words of any script"

    def tokenize(self, text: str) -> list[str]:
        """Return the words of a text."""
        return words_of_any_script(text)


class EachCharacter:
    """A tokenizer for rouge-score: each letter, mark or digit is a word."""

    name: ClassVar[str] = "characters"

    def tokenize(self, text: str) -> list[str]:
        """Return the characters of a text's words."""
        return [character for word in words_of_any_script(text) for character in word]


@dataclass(frozen=True)
class Rouge:
    """ROUGE-1, ROUGE-2 and ROUGE-L.

    English, and other texts of Latin script if no language is given, are split and stemmed by rouge-score's own
    tokenizer, which keeps a to z and digits.

    Attributes:
        language: see `MetricLanguage`; None for the script of the references.
    """

    language: str | None = None

    def reading(self, references: References) -> str:
        """Return how texts are split into words."""
        return _reading(splitting_of(self.language, references))

    def notes(self, references: References) -> list[str]:
        """Return notes about undefined metrics, references without words, and letters that are not seen."""
        tokenizer = self._tokenizer(references)
        sizes = [max(len(tokenizer.tokenize(text)) for text in texts) for texts in references]
        undefined = [name for name, least in ROUGE.items() if max(sizes) < least]
        if undefined:
            return [f"no reference has enough words for {', '.join(undefined)}, which are left out; {FIELD}"]
        wordless = f"{sizes.count(0)} of {len(sizes)} references have no word for ROUGE and count as 0; {FIELD}"
        return [*([wordless] if 0 in sizes else []), *self._unseen(references)]

    def described(self, references: References) -> Mapping[str, str]:
        """Return the version of rouge-score and its settings."""
        required("rouge_score", "texts", "ROUGE")
        settings = f"mean F1, {self.reading(references)}, best of the references"
        return dict.fromkeys(ROUGE, f"rouge-score {importlib.metadata.version('rouge-score')}, {settings}")

    def judge(self, texts: Sequence[str], references: References) -> dict[str, float]:
        """Return ROUGE-1, ROUGE-2 and ROUGE-L, 0 to 1: the mean over texts of the best F1 over a text's references.

        A metric is absent if no reference has enough words for a score above 0.
        """
        rouge_scorer, tokenizer = required("rouge_score.rouge_scorer", "texts", "ROUGE"), self._tokenizer(references)
        longest = max(len(tokenizer.tokenize(text)) for wanted in references for text in wanted)
        names = [name for name, least in ROUGE.items() if longest >= least]
        scorer = rouge_scorer.RougeScorer(names, tokenizer=tokenizer)
        found = [scorer.score_multi(list(wanted), text) for text, wanted in zip(texts, references, strict=True)]
        return {name: sum(score[name].fmeasure for score in found) / len(found) for name in names}

    def _tokenizer(self, references: References) -> Any:
        splitting = splitting_of(self.language, references)
        if splitting == "english":
            tokenizers = required("rouge_score.tokenizers", "texts", "ROUGE")
            return tokenizers.DefaultTokenizer(use_stemmer=True)
        return EachCharacter() if splitting == "characters" else AnyScript()

    def _unseen(self, references: References) -> list[str]:
        if splitting_of(self.language, references) != "english":
            return []
        letters = [character for texts in references for text in texts for character in text if character.isalpha()]
        share = sum(not letter.isascii() for letter in letters) / max(len(letters), 1)
        if share <= MOST_UNSEEN:
            return []
        return [f"ROUGE does not see {share:.0%} of the references' letters, those beyond a to z; {FIELD}"]


def _reading(splitting: Splitting) -> str:
    """Return a way of splitting in words; that of English is what earlier versions wrote."""
    return {"english": "stemmed", "characters": EachCharacter.name}.get(splitting, AnyScript.name)
