"""Computes BLEU and chrF with sacrebleu."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ftcore.errors import SpecError
from ftcore.helpers import required
from ftcore.targets.judges import References
from ftcore.targets.metric_language import CHARACTERS, OF_LANGUAGES, Splitting, splitting_of

TOKENIZERS: dict[Splitting, str] = {
    "english": "13a",
    "words": "13a",
    "chinese": "zh",
    "japanese": "ja-mecab",
    "korean": "ko-mecab",
    "characters": "char",
}
"""Sacrebleu's tokenizer for each way of splitting."""
ORDER = 4
"""Words of the longest n-grams that BLEU counts."""


@dataclass(frozen=True)
class Bleu:
    """BLEU and chrF with sacrebleu's defaults, and its tokenizer for the language.

    Attributes:
        language: see `MetricLanguage`; None for the script of the references.
    """

    language: str | None = None

    def reading(self, references: References) -> str:
        """Return the name of sacrebleu's tokenizer."""
        return TOKENIZERS[splitting_of(self.language, references)]

    def notes(self, references: References) -> list[str]:
        """Return a note if BLEU is undefined, because no reference has n-grams of every order."""
        if self._has_order(references):
            return []
        return [
            f"no reference has {ORDER} words by sacrebleu's tokenizer {self.reading(references)}, so BLEU is undefined "
            f"and left out; data.metric_language chooses another tokenizer"
        ]

    def described(self, references: References) -> Mapping[str, str]:
        """Return sacrebleu's signature of each metric, with its settings and version."""
        streams, found = _streams(references), {}
        for name, judge in self._judges(references).items():
            judge.corpus_score([texts[0] for texts in references], streams)
            found[name] = str(judge.get_signature())
        return found

    def judge(self, texts: Sequence[str], references: References) -> dict[str, float]:
        """Return BLEU, if it is defined, and chrF over the whole corpus, 0 to 100."""
        judges, streams = self._judges(references), _streams(references)
        return {name: float(judge.corpus_score(list(texts), streams).score) for name, judge in judges.items()}

    def _judges(self, references: References) -> dict[str, Any]:
        sacrebleu = required("sacrebleu", "texts", "BLEU and chrF")
        bleu = {"bleu": self._bleu(references)} if self._has_order(references) else {}
        return {**bleu, "chrf": sacrebleu.CHRF()}

    def _bleu(self, references: References) -> Any:
        sacrebleu, tokenizer = required("sacrebleu", "texts", "BLEU and chrF"), self.reading(references)
        try:
            return sacrebleu.BLEU(tokenize=tokenizer)
        except RuntimeError as error:
            code = next(code for code, splitting in OF_LANGUAGES.items() if TOKENIZERS[splitting] == tokenizer)
            raise SpecError(
                f"data.metric_language: {code} needs sacrebleu's tokenizer {tokenizer}: pip install "
                f"'sacrebleu[{code}]', or give {CHARACTERS}"
            ) from error

    def _has_order(self, references: References) -> bool:
        """Return whether a perfect translation has n-grams of every order; without, BLEU is 0 whatever is written."""
        tokenizer = self._bleu(references).tokenizer
        return any(len(tokenizer(text).split()) >= ORDER for texts in references for text in texts)


def _streams(references: References) -> list[list[str | None]]:
    """Return references in sacrebleu's form: all first ones, all second ones and so on, padded with None."""
    most = max(len(texts) for texts in references)
    return [[texts[place] if place < len(texts) else None for texts in references] for place in range(most)]
