"""transformers writes the texts of ftcore with its results, one prompt at a time and in batches."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fine_tuned
import numpy as np
import pytest
import transformers
from fine_tuned import BATCHES, BOUND, TRAINED, predicted

from ftcore import evaluate
from ftcore.models import ENCODER_DECODERS, FAMILIES, LANGUAGE_MODELS

LENGTHS = {"max_new_tokens": 8, "min_new_tokens": 8}
"""The number of tokens of a generated text."""
LEARNS = {"training__max_steps": 40, "optimizer__learning_rate": 3e-2, "model__dropout": 0.0}
"""Without training the networks write special tokens alone."""
CONTINUING = [name for name in LANGUAGE_MODELS if name in FAMILIES and fine_tuned.continues(name)]


@pytest.mark.parametrize(("name", "habit"), fine_tuned.each(CONTINUING, ["pads", "names no padding"]))
def test_continued_texts(name: str, habit: str, tmp_path: Path) -> None:
    fine_tuned.write_model(tmp_path / "model", name, LANGUAGE_MODELS[name].language_model_class, habit)
    rows = [{"prompt": text, "completion": "dog cat"} for text in TRAINED]
    result = fine_tuned.fine_tuned(tmp_path, "instruction-tuning", rows, data__separator="", generation=LENGTHS)
    expected = [own["text"].strip() for own in predicted(result, [{"prompt": text} for text in fine_tuned.TEXTS])]
    assert len(set(expected)) > 1
    for batch in BATCHES:
        pipe = transformers.pipeline("text-generation", str(result), batch_size=batch, return_full_text=False)
        found = pipe(fine_tuned.TEXTS, **LENGTHS, do_sample=False)
        assert [one[0]["generated_text"].strip() for one in found] == expected


@pytest.mark.parametrize("name", fine_tuned.each(ENCODER_DECODERS))
def test_texts_from_texts(name: str, tmp_path: Path) -> None:
    """There is no pipeline for these texts any more: AutoModelForSeq2SeqLM generates them."""
    class_name = LANGUAGE_MODELS[name].language_model_class
    fine_tuned.write_model(tmp_path / "model", name, class_name, "names no padding")
    rows = [{"source": text, "target": text} for text in TRAINED]
    result = fine_tuned.fine_tuned(tmp_path, "summarization", rows, generation=LENGTHS, **LEARNS)
    expected = [own["text"].strip() for own in predicted(result, [{"source": text} for text in fine_tuned.TEXTS])]
    assert any(expected)
    tokenizer = transformers.AutoTokenizer.from_pretrained(result)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(result)
    for batch in BATCHES:
        found = []
        for first in range(0, len(fine_tuned.TEXTS), batch):
            given = tokenizer(fine_tuned.TEXTS[first : first + batch], padding=True, return_tensors="pt")
            written = model.generate(**given, **LENGTHS, do_sample=False, num_beams=1)
            found += tokenizer.batch_decode(written, skip_special_tokens=True)
        assert [text.strip() for text in found] == expected


def test_masked_words(tmp_path: Path) -> None:
    """There is no prediction of masked words: the pseudo-perplexity is that of the model's own probabilities."""
    for name in [name for name in LANGUAGE_MODELS if name not in (*CONTINUING, *ENCODER_DECODERS)]:
        folder = tmp_path / name
        fine_tuned.write_model(folder / "model", name, LANGUAGE_MODELS[name].language_model_class, "names no padding")
        rows = [{"text": text} for text in TRAINED]
        result = fine_tuned.fine_tuned(folder, "masked-language-modeling", rows)
        expected = evaluate(result, folder / "train.jsonl", "torch")["pseudo_perplexity"]
        for batch in BATCHES:
            pipe = transformers.pipeline("fill-mask", str(result), batch_size=batch)
            found = [score(pipe, words, place) for words in map(str.split, TRAINED) for place in range(len(words))]
            assert np.exp(-np.log(found).mean()) == pytest.approx(expected, rel=BOUND)


def score(pipe: Any, words: Sequence[str], place: int) -> float:
    """Return the probability of a word that is masked, together with another text of another length."""
    masked = " ".join([*words[:place], "<mask>", *words[place + 1 :]])
    found: float = pipe([masked, "red <mask>"], targets=[words[place]])[0][0]["score"]
    return found
