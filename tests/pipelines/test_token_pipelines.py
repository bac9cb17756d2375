"""transformers gives the predictions of ftcore for its results with a head for tokens, singly and in batches."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fine_tuned
import numpy as np
import pytest
import torch
import transformers
from fine_tuned import BATCHES, BOUND, LABELS, TRAINED, predicted

from ftcore.models import FAMILIES, TOKEN_CLASSIFIERS
from ftcore.models.heads.answer_span import BUILD

HABITS = ["pads left", "names no padding"]
LONGEST_ANSWER = 30


@pytest.mark.parametrize(("name", "habit"), fine_tuned.each(TOKEN_CLASSIFIERS, HABITS))
def test_tags_of_words(name: str, habit: str, tmp_path: Path) -> None:
    fine_tuned.write_model(tmp_path / "model", name, FAMILIES[name].body_class, habit)
    rows = [{"tokens": text.split(), "tags": [LABELS[len(word) % 3] for word in text.split()]} for text in TRAINED]
    result = fine_tuned.fine_tuned(tmp_path, "token-classification", rows)
    expected = predicted(result, [{"tokens": text.split()} for text in fine_tuned.TEXTS])
    # A byte-level tokenizer reads every word with the space before it.
    texts = [f" {text}" for text in fine_tuned.TEXTS]
    for batch in BATCHES:
        pipe = transformers.pipeline("token-classification", str(result), ignore_labels=[], batch_size=batch)
        for text, found, own in zip(texts, pipe(texts), expected, strict=True):
            firsts = [next(one for one in found if one["start"] >= place) for place in spaces(text)]
            assert [one["entity"] for one in firsts] == own["tags"]
            assert [one["score"] for one in firsts] == pytest.approx(own["scores"], abs=BOUND)


def spaces(text: str) -> list[int]:
    return [place for place, character in enumerate(text) if character == " "]


@pytest.mark.parametrize(("name", "habit"), fine_tuned.each(BUILD, HABITS))
def test_answers(name: str, habit: str, tmp_path: Path) -> None:
    """There is no pipeline for answers any more: the spans of AutoModelForQuestionAnswering's logits are compared."""
    fine_tuned.write_model(tmp_path / "model", name, FAMILIES[name].body_class, habit)
    answers = [{"text": [text.split()[1]], "answer_start": [text.index(" ") + 1]} for text in TRAINED]
    rows = [{"question": "dog", "context": text, "answers": one} for text, one in zip(TRAINED, answers, strict=True)]
    result = fine_tuned.fine_tuned(tmp_path, "question-answering", rows, data__stride=4)
    asked = [{"question": text.split()[0], "context": text} for text in fine_tuned.TEXTS]
    expected = predicted(result, asked)
    tokenizer = transformers.AutoTokenizer.from_pretrained(result)
    model = transformers.AutoModelForQuestionAnswering.from_pretrained(result)
    for batch in BATCHES:
        parts = [asked[first : first + batch] for first in range(0, len(asked), batch)]
        found = list(itertools.chain.from_iterable(best_spans(tokenizer, model, part) for part in parts))
        for (start, end, score), own in zip(found, expected, strict=True):
            assert (start, end) == (own["start"], own["end"])
            assert score == pytest.approx(own["score"], abs=BOUND)


def best_spans(tokenizer: Any, model: Any, rows: Sequence[dict[str, str]]) -> list[tuple[int, int, float]]:
    """Return the best span of each row, in characters of its context, and its share among all spans and none."""
    questions, contexts = ([row[name] for row in rows] for name in ("question", "context"))
    given = tokenizer(questions, contexts, padding=True, return_offsets_mapping=True, return_tensors="pt")
    offsets = given.pop("offset_mapping").tolist()
    with torch.no_grad():
        outputs = model(**given)
    firsts, lasts = outputs.start_logits.double().numpy(), outputs.end_logits.double().numpy()
    found = []
    for row in range(len(rows)):
        own = [place for place, part in enumerate(given.sequence_ids(row)) if part == 1]
        spans = [(first, last) for first, last in itertools.product(own, own) if 0 <= last - first < LONGEST_ANSWER]
        spans = sorted(spans, key=lambda span: -(firsts[row, span[0]] + lasts[row, span[1]]))[:20]
        scores = [firsts[row, 0] + lasts[row, 0], *(firsts[row, first] + lasts[row, last] for first, last in spans)]
        shares = np.exp(scores) / np.exp(scores).sum()
        found.append((offsets[row][spans[0][0]][0], offsets[row][spans[0][1]][1], float(shares[1])))
    return found
