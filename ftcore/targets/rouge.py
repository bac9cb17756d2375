"""Computes ROUGE with Google Research's rouge-score."""

import importlib.metadata
from collections.abc import Mapping, Sequence

from ftcore.helpers import required
from ftcore.targets.judges import References

ROUGE = ("rouge1", "rouge2", "rougeL")


class Rouge:
    """ROUGE-1, ROUGE-2 and ROUGE-L."""

    def described(self, references: References) -> Mapping[str, str]:
        """Return the version of rouge-score and its settings."""
        required("rouge_score", "texts", "ROUGE")
        version = importlib.metadata.version("rouge-score")
        return dict.fromkeys(ROUGE, f"rouge-score {version}, mean F1, stemmed, best of the references")

    def judge(self, texts: Sequence[str], references: References) -> dict[str, float]:
        """Return ROUGE-1, ROUGE-2 and ROUGE-L, 0 to 1: the mean over texts of the best F1 over a text's references.

        Words are stemmed (Porter), as google-research's rouge-score does with use_stemmer.
        """
        rouge_scorer = required("rouge_score.rouge_scorer", "texts", "ROUGE")
        scorer = rouge_scorer.RougeScorer(ROUGE, use_stemmer=True)
        found = [scorer.score_multi(list(wanted), text) for text, wanted in zip(texts, references, strict=True)]
        return {name: sum(score[name].fmeasure for score in found) / len(found) for name in ROUGE}
