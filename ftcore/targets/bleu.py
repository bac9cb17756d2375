"""Computes BLEU and chrF with sacrebleu."""

from collections.abc import Mapping, Sequence
from typing import Any

from ftcore.helpers import required
from ftcore.targets.judges import References


class Bleu:
    """BLEU and chrF with sacrebleu's defaults."""

    def described(self, references: References) -> Mapping[str, str]:
        """Return sacrebleu's signature of each metric, with its settings and version."""
        streams, found = _streams(references), {}
        for name, judge in _judges().items():
            judge.corpus_score([texts[0] for texts in references], streams)
            found[name] = str(judge.get_signature())
        return found

    def judge(self, texts: Sequence[str], references: References) -> dict[str, float]:
        """Return BLEU and chrF over the whole corpus, 0 to 100."""
        judges, streams = _judges(), _streams(references)
        return {name: float(judge.corpus_score(list(texts), streams).score) for name, judge in judges.items()}


def _judges() -> dict[str, Any]:
    sacrebleu = required("sacrebleu", "texts", "BLEU and chrF")
    return {"bleu": sacrebleu.BLEU(), "chrf": sacrebleu.CHRF()}


def _streams(references: References) -> list[list[str | None]]:
    """Return references in sacrebleu's form: all first ones, all second ones and so on, padded with None."""
    most = max(len(texts) for texts in references)
    return [[texts[place] if place < len(texts) else None for texts in references] for place in range(most)]
