"""transformers' `generate` without arguments writes, with a result, what `ftcore predict` writes."""

import json
from pathlib import Path
from typing import Any

import pytest
import stories

import ftcore
from ftcore.observer import Silent

MODELS = {"translation": "encoder-decoder", "instruction-tuning": "causal"}
STORED = {"num_beams": 5, "min_length": 9, "max_length": 30, "no_repeat_ngram_size": 1, "length_penalty": 3.0}
MOST = "generation.max_new_tokens=6"
SEARCHES: dict[str, list[str]] = {
    "greedy": ["generation.max_new_tokens=7", "generation.repetition_penalty=1.8"],
    "beam": ["generation.method=beam", "generation.beams=3", "generation.length_penalty=0.5", MOST],
    "beam, limited": [
        *("generation.method=beam", "generation.early_stopping=true", "generation.no_repeat_ngram=2"),
        *("generation.max_new_tokens=8", "generation.repetition_penalty=1.3"),
    ],
}


class Notes(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def written(folder: Path, task: str, prompts: list[str]) -> list[str]:
    """Return what transformers writes, a text at a time."""
    import transformers

    loader = transformers.AutoModelForSeq2SeqLM if task == "translation" else transformers.AutoModelForCausalLM
    tokenizer, model = transformers.AutoTokenizer.from_pretrained(folder), loader.from_pretrained(folder).eval()
    texts = []
    for prompt in prompts:
        given = tokenizer(prompt, return_tensors="pt", add_special_tokens=task == "translation")
        given.pop("token_type_ids", None)
        if task == "instruction-tuning":
            begin = tokenizer.bos_token_id
            given = {name: _before(value, begin if name == "input_ids" else 1) for name, value in given.items()}
        found = model.generate(**given)[0]
        new = found if task == "translation" else found[given["input_ids"].shape[1] :]
        texts.append(tokenizer.decode(new, skip_special_tokens=True))
    return texts


def _before(values: Any, one: int) -> Any:
    import torch

    return torch.cat([torch.full((1, 1), one), values], dim=1)


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("task", MODELS)
def test_a_result_tells_transformers_how_its_run_wrote(task: str, search: str, tmp_path: Path) -> None:
    asked, wanted = ("source", "target") if task == "translation" else ("prompt", "completion")
    spec = stories.write_task(task, MODELS[task], (asked, wanted), tmp_path)
    path = tmp_path / "model" / "generation_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **STORED}))
    notes = Notes()
    options = [*SEARCHES[search], "generation.min_new_tokens=3", "training.max_steps=1"]
    run = ftcore.run(spec, backend="torch", output=tmp_path / "run", overrides=options, observer=notes)
    (note,) = [note for note in notes.notes if "generation_config.json of the model says " in note]
    assert "min_length 9, max_length 30, no_repeat_ngram_size 1, length_penalty 3.0, which" in note
    prompts = [row[asked] for row in stories.rows(8)]
    found = ftcore.predict_rows(run.folder, [{asked: prompt} for prompt in prompts], backend="torch")
    texts = [row["text"] for row in found]
    assert texts == written(run.folder / "model", task, prompts)
    assert any(texts)
