"""transformers' pipelines give the predictions of ftcore for its classifiers, one text at a time and in batches."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fine_tuned
import pytest
import transformers
from fine_tuned import BATCHES, BOUND, LABELS, TRAINED, predicted

from ftcore.contract import discovery as backends
from ftcore.models import FAMILIES

SOME = ["bert", "roberta", "gpt2", "llama"]


def scores(result: Path, batch: int, texts: Sequence[Any]) -> list[dict[str, float]]:
    """Return the scores of each text by a pipeline, the largest first."""
    pipe = transformers.pipeline("text-classification", str(result), top_k=None, batch_size=batch)
    return [{one["label"]: one["score"] for one in found} for found in pipe(list(texts))]


@pytest.mark.parametrize(("name", "habit"), fine_tuned.each(fine_tuned.TEXT_FAMILIES, list(fine_tuned.HABITS)))
def test_labels_of_texts(name: str, habit: str, tmp_path: Path) -> None:
    fine_tuned.write_model(tmp_path / "model", name, FAMILIES[name].body_class, habit)
    rows = [{"text": text, "label": LABELS[number % 3]} for number, text in enumerate(TRAINED)]
    result = fine_tuned.fine_tuned(tmp_path, "text-classification", rows)
    expected = predicted(result, [{"text": text} for text in fine_tuned.TEXTS])
    for batch in BATCHES:
        for found, own in zip(scores(result, batch, fine_tuned.TEXTS), expected, strict=True):
            assert found == pytest.approx(own["scores"], abs=BOUND)
            assert next(iter(found)) == own["label"]


@pytest.mark.parametrize("backend", backends.names())
def test_labels_by_every_backend(backend: str, tmp_path: Path) -> None:
    fine_tuned.write_model(tmp_path / "model", "gpt2", "GPT2Model", "ends texts")
    rows = [{"text": text, "label": LABELS[number % 3]} for number, text in enumerate(TRAINED)]
    result = fine_tuned.fine_tuned(tmp_path, "text-classification", rows)
    expected = predicted(result, [{"text": text} for text in fine_tuned.TEXTS], backend)
    for found, own in zip(scores(result, 7, fine_tuned.TEXTS), expected, strict=True):
        assert found == pytest.approx(own["scores"], abs=BOUND)


@pytest.mark.parametrize("name", SOME)
def test_labels_of_pairs(name: str, tmp_path: Path) -> None:
    """The second text has another token type only if the tokenizer's files say so."""
    fine_tuned.write_model(tmp_path / "model", name, FAMILIES[name].body_class, "pads")
    rows = [{"text_a": text, "text_b": "new dog", "label": LABELS[place % 3]} for place, text in enumerate(TRAINED)]
    result = fine_tuned.fine_tuned(tmp_path, "text-classification", rows)
    asked = [{"text_a": text, "text_b": text.split()[-1]} for text in fine_tuned.TEXTS]
    pairs = [{"text": row["text_a"], "text_pair": row["text_b"]} for row in asked]
    expected = predicted(result, asked)
    for batch in BATCHES:
        for found, own in zip(scores(result, batch, pairs), expected, strict=True):
            assert found == pytest.approx(own["scores"], abs=BOUND)


@pytest.mark.parametrize("name", SOME)
def test_several_labels(name: str, tmp_path: Path) -> None:
    fine_tuned.write_model(tmp_path / "model", name, FAMILIES[name].body_class, "names no padding")
    rows = [{"text": text, "labels": LABELS[: 1 + place % 3]} for place, text in enumerate(TRAINED)]
    result = fine_tuned.fine_tuned(tmp_path, "multi-label-classification", rows)
    expected = predicted(result, [{"text": text} for text in fine_tuned.TEXTS])
    for batch in BATCHES:
        for found, own in zip(scores(result, batch, fine_tuned.TEXTS), expected, strict=True):
            assert found == pytest.approx(own["scores"], abs=BOUND)


@pytest.mark.parametrize("name", SOME)
def test_numbers(name: str, tmp_path: Path) -> None:
    fine_tuned.write_model(tmp_path / "model", name, FAMILIES[name].body_class, "names no padding")
    rows = [{"text": text, "label": place / 4} for place, text in enumerate(TRAINED)]
    result = fine_tuned.fine_tuned(tmp_path, "text-regression", rows)
    expected = predicted(result, [{"text": text} for text in fine_tuned.TEXTS])
    for batch in BATCHES:
        found = [next(iter(one.values())) for one in scores(result, batch, fine_tuned.TEXTS)]
        assert found == pytest.approx([own["label"] for own in expected], abs=BOUND)


@pytest.mark.parametrize("habit", ["pads", "pads with the end", "ends texts"])
@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_a_classifier_that_transformers_saved(name: str, habit: str, tmp_path: Path) -> None:
    """It reads the last token that is not the config's padding token, also where a text ends with that."""
    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {label: place for place, label in enumerate(LABELS)}}
    folder = fine_tuned.write_model(tmp_path / "model", name, FAMILIES[name].classifier_class, habit, **labels)
    texts = [*fine_tuned.TEXTS, "dog </s>"]
    expected = predicted(folder, [{"text": text} for text in texts])
    for batch in BATCHES if habit != "ends texts" else (1,):
        for found, own in zip(scores(folder, batch, texts), expected, strict=True):
            assert found == pytest.approx(own["scores"], abs=BOUND)
