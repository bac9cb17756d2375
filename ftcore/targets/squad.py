"""Computes exact match and F1 of answers, as the evaluation script of SQuAD 2.0 defines them."""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

from ftcore.text import with_spaced_characters

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = frozenset(string.punctuation)


def normalized(text: str) -> str:
    """Return a text in lower case, without punctuation, articles and extra white space."""
    letters = "".join(character for character in text.lower() if character not in PUNCTUATION)
    return " ".join(ARTICLES.sub(" ", letters).split())


def exact_match(answer: str, right: str) -> float:
    """Return 1 if two answers are equal after normalization, else 0."""
    return float(normalized(answer) == normalized(right))


def f1(answer: str, right: str) -> float:
    """Return the F1 of two answers' words; if one has no words, return 1 if both have none, else 0.

    Each character of a script without spaces between words is a word, as in the evaluation script of MLQA (Lewis et
    al. 2020).
    """
    found, wanted = (with_spaced_characters(normalized(text)).split() for text in (answer, right))
    if not found or not wanted:
        return float(found == wanted)
    shared = sum((Counter(found) & Counter(wanted)).values())
    return 2.0 * shared / (len(found) + len(wanted))


def judged(answers: Sequence[str], right: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return `exact_match` and `f1`, 0 ... 1: the best value over the correct answers, averaged over questions.

    Args:
        answers: one predicted answer for each question; "" for none.
        right: correct answers of each question; empty if there is no answer.
    """
    return {"exact_match": _mean(exact_match, answers, right), "f1": _mean(f1, answers, right)}


def judged_apart(answers: Sequence[str], right: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return the same separately for questions with and without an answer, if there are any; arguments as `judged`."""
    kinds = {"answerable": True, "unanswerable": False}
    found: dict[str, float] = {}
    for kind, answered in kinds.items():
        asked = [number for number, texts in enumerate(right) if bool(texts) == answered]
        if asked:
            of_kind = judged([answers[number] for number in asked], [right[number] for number in asked])
            found |= {f"{name}/{kind}": value for name, value in of_kind.items()}
    return found


def _mean(score: Callable[[str, str], float], answers: Sequence[str], right: Sequence[Sequence[str]]) -> float:
    best = [max(score(answer, one) for one in _judging(texts)) for answer, texts in zip(answers, right, strict=True)]
    return sum(best) / max(len(best), 1)


def _judging(texts: Sequence[str]) -> Sequence[str]:
    """Return the answers that have words after normalization, or "" if none has."""
    return [text for text in texts if normalized(text)] or [""]
