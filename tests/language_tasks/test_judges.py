"""How generated texts are judged."""

from functools import partial
from typing import Any

import pytest
import sacrebleu

from ftcore.contract.losses import CrossEntropy
from ftcore.inputs import Preparer
from ftcore.targets import Known
from ftcore.targets.judges import Judge
from ftcore.targets.tokens import TokensTarget
from ftcore.tasks import TASKS

TEXTS = ["the cat sat on the mat", "a quick brown fox"]
REFERENCES = [["the cat is on the mat", "there is a cat on the mat"], ["the quick brown fox jumps"]]


def judge_of(task: str, **fields: Any) -> Judge | None:
    """Return what judges a task's texts, given fields of the spec's `data` part."""
    target = TASKS[task].target
    assert isinstance(target, TokensTarget)
    return target.judge(Known([], CrossEntropy(), Preparer(), fields=fields))


def certain_judge_of(task: str, **fields: Any) -> Judge:
    found = judge_of(task, **fields)
    assert found is not None
    return found


def test_summaries_are_judged_by_the_best_reference() -> None:
    found = certain_judge_of("summarization").judge(TEXTS, REFERENCES)
    # Words in common: 5 of 6 and 6; 3 of 4 and 5.
    assert found["rouge1"] == pytest.approx((5 / 6 + 2 * 3 / 9) / 2)
    # Pairs of words in common: the cat, on the, the mat, of 5 and 5; quick brown, brown fox, of 3 and 4.
    assert found["rouge2"] == pytest.approx((3 / 5 + 2 * 2 / 7) / 2)
    assert set(found) == {"rouge1", "rouge2", "rougeL"}


def test_translations_are_judged_as_sacrebleu_does() -> None:
    judge = certain_judge_of("translation")
    found = judge.judge(TEXTS, REFERENCES)
    streams = [[REFERENCES[0][0], REFERENCES[1][0]], [REFERENCES[0][1], None]]
    assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(TEXTS, streams).score)
    assert found["chrf"] == pytest.approx(sacrebleu.corpus_chrf(TEXTS, streams).score)
    assert judge.described(REFERENCES)["bleu"].startswith("nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:")


def test_answers_match_by_what_the_pattern_finds() -> None:
    judge = partial(certain_judge_of, "instruction-tuning")
    texts = ["it is 3\n#### 7", "#### 4 no\n#### 5", "none", "#### 9"]
    references = [["#### 7"], ["#### 5"], ["#### 1"], ["no answer"]]
    assert judge(answer_pattern=r"#### (\d+)").judge(texts, references) == {"exact_match": 0.5}
    assert judge_of("instruction-tuning", answer_pattern=None) is None
    assert judge_of("instruction-tuning") is None
    assert judge(answer_pattern="(yes)|no|maybe").judge(["no"], [["maybe"]]) == {"exact_match": 0.0}
