"""How generated texts are judged."""

import pytest
import sacrebleu

from ftcore.tasks import LANGUAGE_TASKS

TEXTS = ["the cat sat on the mat", "a quick brown fox"]
REFERENCES = [["the cat is on the mat", "there is a cat on the mat"], ["the quick brown fox jumps"]]


def test_summaries_are_judged_by_the_best_reference() -> None:
    found = LANGUAGE_TASKS["summarization"].judge(TEXTS, REFERENCES, None)
    # Words in common: 5 of 6 and 6; 3 of 4 and 5.
    assert found["rouge1"] == pytest.approx((5 / 6 + 2 * 3 / 9) / 2)
    # Pairs of words in common: the cat, on the, the mat, of 5 and 5; quick brown, brown fox, of 3 and 4.
    assert found["rouge2"] == pytest.approx((3 / 5 + 2 * 2 / 7) / 2)
    assert set(found) == {"rouge1", "rouge2", "rougeL"}


def test_translations_are_judged_as_sacrebleu_does() -> None:
    found = LANGUAGE_TASKS["translation"].judge(TEXTS, REFERENCES, None)
    streams = [[REFERENCES[0][0], REFERENCES[1][0]], [REFERENCES[0][1], None]]
    assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(TEXTS, streams).score)
    assert found["chrf"] == pytest.approx(sacrebleu.corpus_chrf(TEXTS, streams).score)
    assert (
        LANGUAGE_TASKS["translation"]
        .judges(REFERENCES)["bleu"]
        .startswith("nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    )


def test_answers_match_by_what_the_pattern_finds() -> None:
    judge = LANGUAGE_TASKS["instruction-tuning"].judge
    texts = ["it is 3\n#### 7", "#### 4 no\n#### 5", "none", "#### 9"]
    references = [["#### 7"], ["#### 5"], ["#### 1"], ["no answer"]]
    assert judge(texts, references, r"#### (\d+)") == {"exact_match": 0.5}
    assert judge(texts, references, None) == {}
    assert judge(["no"], [["maybe"]], "(yes)|no|maybe") == {"exact_match": 0.0}
