"""A run with a setting that contradicts tokenizer.json: its result scores texts in transformers as in ftcore."""

import json
from pathlib import Path

import contradictions
import numpy as np
import pytest
import transformers

import ftcore
from ftcore.contract import discovery as backends
from tests import tiny

TEXTS = ["The Quick brown FOX", "der ZÜRICH café", "Привет МИР", "quick Привет", "straße ÉTÉ", "Москва красный"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["capitals kept", "no token types"])
def test_scores_are_those_of_the_result_in_transformers(name: str, tmp_path: Path) -> None:
    task = tiny.write_task(tmp_path, training__epochs=2)
    for path in (tmp_path / "model").glob("*token*"):
        path.unlink()
    tiny.write_model(tmp_path / "model", vocab_size=1000)
    contradictions.CASES[name](tmp_path / "model")
    for split in ("train", "validation", "test"):
        rows = [{"text_a": text, "text_b": text[::-1], "label": str(number % 2)} for number, text in enumerate(TEXTS)]
        (tmp_path / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = ftcore.run(task, backend="torch", output=tmp_path / "run")
    folder = run.folder / "model"
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    pairs = [(text, text[::-1]) for text in TEXTS]
    given = tokenizer(pairs, padding=True, return_tensors="pt", truncation=True, max_length=16)
    wanted = model(**given).logits.softmax(-1).detach().numpy()
    for backend in backends.names():
        found = ftcore.predict(run.folder, tmp_path / "test.jsonl", backend=backend)
        scores = [[row["scores"][label] for label in model.config.id2label.values()] for row in found]
        np.testing.assert_allclose(scores, wanted, rtol=0, atol=1e-5)
