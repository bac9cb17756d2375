"""A text in another language."""

from collections.abc import Sequence
from typing import Any, ClassVar

from ftcore.helpers.libraries import required
from ftcore.targets.rewriting import RewritingTask


class Translation(RewritingTask):
    """A text in another language; judged by BLEU and chrF."""

    name: ClassVar[str] = "translation"
    text_metrics: ClassVar[tuple[str, ...]] = ("bleu", "chrf")

    def judges(self, references: Sequence[Sequence[str]]) -> dict[str, str]:
        """Return sacrebleu's signature of each metric, which says how it is computed and by which version."""
        streams, found = _streams(references), {}
        for name, judge in _judges().items():
            judge.corpus_score([texts[0] for texts in references], streams)
            found[name] = str(judge.get_signature())
        return found

    def judge(
        self, texts: Sequence[str], references: Sequence[Sequence[str]], answer_pattern: str | None
    ) -> dict[str, float]:
        """Return BLEU and chrF of sacrebleu's defaults over the whole corpus, 0 to 100."""
        judges, streams = _judges(), _streams(references)
        return {name: float(judge.corpus_score(list(texts), streams).score) for name, judge in judges.items()}


def _judges() -> dict[str, Any]:
    sacrebleu = required("sacrebleu", "texts", "BLEU and chrF")
    return {"bleu": sacrebleu.BLEU(), "chrf": sacrebleu.CHRF()}


def _streams(references: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """Return references as sacrebleu takes them: first ones, second ones and so on, None where there are fewer."""
    most = max(len(texts) for texts in references)
    return [[texts[place] if place < len(texts) else None for texts in references] for place in range(most)]
