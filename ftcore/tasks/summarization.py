"""A summary of a text."""

from collections.abc import Sequence
from typing import ClassVar

from ftcore.libraries import required
from ftcore.tasks.rewriting import RewritingTask

ROUGE = ("rouge1", "rouge2", "rougeL")


class Summarization(RewritingTask):
    """A text, shorter; judged by ROUGE."""

    name: ClassVar[str] = "summarization"
    libraries: ClassVar[tuple[str, ...]] = ("rouge-score",)

    def judge(
        self, texts: Sequence[str], references: Sequence[Sequence[str]], answer_pattern: str | None
    ) -> dict[str, float]:
        """Return ROUGE-1, ROUGE-2 and ROUGE-L, 0 to 1: mean F1 over texts, of each the best over its references.

        Words are stemmed (Porter), as google-research's rouge-score does with use_stemmer.
        """
        rouge_scorer = required("rouge_score.rouge_scorer", "texts", "ROUGE")
        scorer = rouge_scorer.RougeScorer(ROUGE, use_stemmer=True)
        found = [scorer.score_multi(list(wanted), text) for text, wanted in zip(texts, references, strict=True)]
        return {name: sum(score[name].fmeasure for score in found) / len(found) for name in ROUGE}
