"""Specs of language models, as a user runs them."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import stories
import torch
import transformers
import yaml

import ftcore
from ftcore.errors import DataError, FtcoreError, ModelError, SpecError
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.spec.reading import load_spec
from tests import tiny

TASKS = {
    "causal-language-modeling": ("causal", ("text",)),
    "instruction-tuning": ("causal", ("prompt", "completion")),
    "masked-language-modeling": ("masked", ("text",)),
    "translation": ("encoder-decoder", ("source", "target")),
}
SEPARATOR = "data.separator: unknown field in the task causal-language-modeling, it is one of instruction-tuning"
PREFIX = "unknown field in the task text-classification, it is one of summarization and translation"
NO_COLUMN = "the task translation has no column text (did you mean target?): its columns are source, target, references"


class Stops(Silent):
    """Ends a run after an evaluation."""

    def step(self, index: int, loss: float | None, learning_rate: float, speed: float) -> None:
        if index == 7:
            raise KeyboardInterrupt


def losses(folder: Path) -> list[float]:
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [line["loss"] for line in lines if line["event"] == "train"]


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_every_backend_computes_the_same_run(task: str, tmp_path: Path) -> None:
    path = stories.write_task(task, *TASKS[task], tmp_path)
    runs = {name: ftcore.run(path, backend=name, output=tmp_path / name) for name in ("torch", "tf")}
    assert losses(tmp_path / "tf") == pytest.approx(losses(tmp_path / "torch"), rel=1e-5)
    first, second = (run.metrics["validation"] for run in runs.values())
    assert second == pytest.approx(first, rel=1e-4)
    perplexity = first.get("perplexity", first.get("pseudo_perplexity"))
    assert perplexity == pytest.approx(math.exp(first["loss"]))
    evaluated = ftcore.evaluate(tmp_path / "torch", tmp_path / "validation.jsonl", backend="tf")
    assert evaluated == pytest.approx(first, rel=1e-4)
    again = stories.MODELS[TASKS[task][0]][0]
    loaded, info = getattr(transformers, again).from_pretrained(tmp_path / "tf" / "model", output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    assert all(torch.isfinite(value).all() for value in loaded.state_dict().values())


@pytest.mark.parametrize("task", TASKS)
def test_a_run_is_held_against_the_matrix_rate(task: str, tmp_path: Path) -> None:
    run = ftcore.run(stories.write_task(task, *TASKS[task], tmp_path), backend="torch", output=tmp_path / "run")
    assert 0 < run.result["limit_share"] < 2
    assert run.result["matmul_library"] == "NumPy"
    assert run.result["limit_share"] == pytest.approx(
        run.result["flops_per_second"] / run.result["matmul_flops_per_second"], abs=6e-5
    )


def test_a_run_that_was_stopped_goes_on_with_the_same_masks(tmp_path: Path) -> None:
    path = stories.write_task("masked-language-modeling", *TASKS["masked-language-modeling"], tmp_path)
    whole = ftcore.run(path, backend="torch", output=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        ftcore.run(path, backend="torch", output=tmp_path / "cut", observer=Stops())
    ftcore.run(path, backend="torch", output=tmp_path / "cut", resume=True)
    assert losses(tmp_path / "cut") == losses(tmp_path / "whole")
    assert whole.result["steps"] == 10


def test_a_bad_row_is_one_line(tmp_path: Path) -> None:
    path = stories.write_task("instruction-tuning", *TASKS["instruction-tuning"], tmp_path)
    rows = (tmp_path / "train.jsonl").read_text().splitlines()
    rows[2] = json.dumps({"prompt": "red house " * 20, "completion": "red"})
    rows[3] = json.dumps({"prompt": "red house", "completion": ""})
    (tmp_path / "train.jsonl").write_text("\n".join(rows))
    with pytest.raises(DataError, match=r"train\.jsonl:3: row 3: the prompt has 41 tokens, which leaves no room"):
        ftcore.run(path, backend="torch", output=tmp_path / "run")
    run = ftcore.run(path, backend="torch", output=tmp_path / "run", overrides=["data.on_bad_row=skip"])
    rejected = [json.loads(line) for line in (run.folder / "rejected.jsonl").read_text().splitlines()]
    assert [(row["row"], row["reason"][:25]) for row in rejected] == [
        (3, "the prompt has 41 tokens,"),
        (4, "the completion is empty"),
    ]


@pytest.mark.parametrize(
    ("task", "kind", "changes", "message"),
    [
        (
            "translation",
            "causal",
            {},
            "model: llama is a language model of the kind causal, but the task translation trains the kind encoder-d",
        ),
        (
            "causal-language-modeling",
            "masked",
            {},
            "bert is a language model of the kind masked, but the task causal-language-modeling trains the kind c",
        ),
        ("causal-language-modeling", "causal", {"max_length": 64}, "data.max_length: given 64, but the model has 32"),
        (
            "causal-language-modeling",
            "causal",
            {"pair": "separate"},
            "data.pair: unknown field in the task causal-lang",
        ),
        ("causal-language-modeling", "causal", {"separator": "-"}, SEPARATOR),
        ("instruction-tuning", "causal", {"answer_pattern": "("}, "data.answer_pattern: is not a regular expression"),
        ("translation", "encoder-decoder", {"columns": {"text": "a"}}, NO_COLUMN),
        ("text-classification", "masked", {"source_prefix": "a"}, PREFIX),
    ],
)
def test_what_does_not_fit_is_one_line(task: str, kind: str, changes: dict, message: str, tmp_path: Path) -> None:
    path = stories.write_task(task, kind, ("text", "prompt", "completion", "source", "target"), tmp_path, changes)
    with pytest.raises(SpecError, match=re.escape(message)) as caught:
        ftcore.run(path, backend="torch", output=tmp_path / "run")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_two_forms_must_be_told_apart(tmp_path: Path) -> None:
    path = stories.write_task("instruction-tuning", "causal", ("prompt", "completion", "messages"), tmp_path)
    message = r"has prompt and completion, and messages: choose in data\.columns which to read"
    with pytest.raises(DataError, match=message):
        ftcore.run(path, backend="torch", output=tmp_path / "run")
    spec = yaml.safe_load(path.read_text())
    spec["data"]["columns"] = {"messages": "messages"}
    path.write_text(yaml.safe_dump(spec))
    run = ftcore.run(path, backend="torch", output=tmp_path / "run", overrides=["training.max_steps=1"])
    assert run.result["steps"] == 1


def test_references_may_be_in_validation_alone(tmp_path: Path) -> None:
    path = stories.write_task("translation", "encoder-decoder", ("source", "target"), tmp_path)
    stories.write_rows(tmp_path / "validation.jsonl", ("source", "target", "references"), 6, start=100)
    bound = bind(load_spec(path), tmp_path, Silent())
    assert [len(texts) for texts in bound.data.validation.references(np.arange(6))] == [2] * 6
    run = ftcore.run(path, backend="torch", output=tmp_path / "run", overrides=["training.max_steps=1"])
    assert run.result["judges"]["bleu"].startswith("nrefs:2")
    found = ftcore.evaluate(run.folder, tmp_path / "validation.jsonl", backend="torch")
    assert found == pytest.approx(run.metrics["validation"], rel=1e-4)
    # A file without them is read as well.
    assert "chrf" in ftcore.evaluate(run.folder, tmp_path / "train.jsonl", backend="torch")


def test_references_of_another_name_may_be_in_validation_alone(tmp_path: Path) -> None:
    changes = {"columns": {"references": "refs"}}
    path = stories.write_task("translation", "encoder-decoder", ("source", "target"), tmp_path, changes)
    stories.write_rows(tmp_path / "validation.jsonl", ("source", "target", "references"), 6, start=100)
    validation = (tmp_path / "validation.jsonl").read_text()
    (tmp_path / "validation.jsonl").write_text(validation.replace('"references"', '"refs"'))
    bound = bind(load_spec(path), tmp_path, Silent())
    assert [len(texts) for texts in bound.data.validation.references(np.arange(6))] == [2] * 6
    (tmp_path / "validation.jsonl").write_text(validation)
    with pytest.raises(DataError, match=r"data\.columns\.references: the column 'refs' is not read from any file"):
        bind(load_spec(path), tmp_path, Silent())


def test_a_row_with_half_a_surrogate_pair_is_skipped(tmp_path: Path) -> None:
    path = stories.write_task("translation", "encoder-decoder", ("source", "target"), tmp_path, {"on_bad_row": "skip"})
    with (tmp_path / "train.jsonl").open("a") as file:
        file.write('{"source": "red dog", "target": "x\\ud83d"}\n')
    run = ftcore.run(path, backend="torch", output=tmp_path / "run", overrides=["training.max_steps=1"])
    assert run.result["steps"] == 1


def test_class_weights_are_not_for_tokens(tmp_path: Path) -> None:
    path = stories.write_task("causal-language-modeling", "causal", ("text",), tmp_path)
    with pytest.raises(SpecError, match=r"loss\.class_weights: is not for the task causal-language-modeling: leave it"):
        ftcore.run(path, backend="torch", overrides=["loss={class_weights: balanced}"])


def test_parts_of_a_text_are_held_out_together(tmp_path: Path) -> None:
    path = stories.write_task("causal-language-modeling", "causal", ("text",), tmp_path, {"validation": 0.4})
    texts = [{"text": " ".join(tiny.WORDS[(number + place) % 9] for place in range(40))} for number in range(5)]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in texts))
    bound = bind(load_spec(path), tmp_path, Silent())
    assert sorted([bound.data.train.parts.tolist(), bound.data.validation.parts.tolist()]) == [[3, 3], [3, 3, 3]]


def test_the_end_of_an_answer_is_the_config_s_where_no_file_names_one(tmp_path: Path) -> None:
    path = stories.write_task("instruction-tuning", *TASKS["instruction-tuning"], tmp_path)
    (tmp_path / "model" / "tokenizer_config.json").write_text('{"model_max_length": 32}')
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    (tmp_path / "model" / "generation_config.json").unlink()
    (tmp_path / "model" / "config.json").write_text(json.dumps({**config, "eos_token_id": 5}))
    batch = bind(load_spec(path), tmp_path, Silent()).data.train.batch(np.arange(3))
    labels = zip(batch.targets["labels"], batch.weights, strict=True)
    assert [row[weights > 0][-1] for row, weights in labels] == [5] * 3
    (tmp_path / "model" / "config.json").write_text(json.dumps({**config, "eos_token_id": None}))
    with pytest.raises(ModelError, match="names no token that ends an answer"):
        bind(load_spec(path), tmp_path, Silent())


def test_a_template_in_a_file_of_its_own_goes_with_the_result(tmp_path: Path) -> None:
    path = stories.write_task("instruction-tuning", "causal", ("messages",), tmp_path)
    config = json.loads((tmp_path / "model" / "tokenizer_config.json").read_text())
    (tmp_path / "model" / "chat_template.jinja").write_text(config.pop("chat_template"))
    (tmp_path / "model" / "tokenizer_config.json").write_text(json.dumps(config))
    overrides = ["training.max_steps=1", "generation.max_new_tokens=3"]
    run = ftcore.run(path, backend="torch", output=tmp_path / "run", overrides=overrides)
    assert len(ftcore.predict(run.folder, tmp_path / "validation.jsonl", backend="torch")) == 6


def test_a_prompt_that_leaves_no_room_is_a_bad_row(tmp_path: Path) -> None:
    path = stories.write_task("instruction-tuning", *TASKS["instruction-tuning"], tmp_path, {"max_length": 32})
    overrides = ["training.max_steps=1", "generation.max_new_tokens=8"]
    run = ftcore.run(path, backend="torch", output=tmp_path / "run", overrides=overrides)
    rows = [{"prompt": "red"}, {"prompt": " ".join(["red"] * 28)}, {"prompt": " ".join(["red"] * 24)}]
    (tmp_path / "new.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(DataError, match=r"new\.jsonl:2: row 2: the prompt has 29 tokens, which leaves no room"):
        ftcore.predict(run.folder, tmp_path / "new.jsonl", backend="torch")
    found = ftcore.predict(run.folder, tmp_path / "new.jsonl", backend="torch", on_bad_row="skip")
    assert [set(row) for row in found] == [{"text"}, {"error"}, {"text"}]


def test_damaged_settings_of_generation_are_one_line(tmp_path: Path) -> None:
    path = stories.write_task("causal-language-modeling", *TASKS["causal-language-modeling"], tmp_path)
    run = ftcore.run(path, backend="torch", output=tmp_path / "run", overrides=["training.max_steps=1"])
    said = json.loads((run.folder / "model" / "ftcore.json").read_text())
    (run.folder / "model" / "ftcore.json").write_text(json.dumps({**said, "generation": {"method": "magic"}}))
    with pytest.raises(ModelError, match=r"ftcore\.json: generation is .*which is not valid in a spec: ") as caught:
        ftcore.predict(run.folder, tmp_path / "validation.jsonl", backend="torch")
    assert "\n" not in str(caught.value)


def test_a_model_without_a_mask_token_is_refused(tmp_path: Path) -> None:
    path = stories.write_task("masked-language-modeling", *TASKS["masked-language-modeling"], tmp_path)
    for name in ("tokenizer_config.json", "tokenizer.json"):
        file = tmp_path / "model" / name
        file.write_text(file.read_text().replace("[MASK]", "[HIDE]").replace("mask_token", "hide_token"))
    with pytest.raises(FtcoreError, match="its tokenizer has no mask token, which masked language modeling needs"):
        ftcore.run(path, backend="torch", output=tmp_path / "run")
