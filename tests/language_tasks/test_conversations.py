"""Conversations and instructions in the forms that people have, and templates that end no answer."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stories
import transformers

from ftcore.data import ColumnRules, DataSpec, TrainingTexts
from ftcore.errors import DataError
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.spec import load_spec

MESSAGES = [{"role": "user", "content": "red dog"}, {"role": "assistant", "content": "old cat"}]
IN_PARTS = (
    "{% for message in messages %}[CLS] {% if message.content is string %}{{ message.content }}{% else %}"
    "{% for part in message.content %}{{ part.text }}{% endfor %}{% endif %} [SEP] {% endfor %}"
    "{% if add_generation_prompt %}[CLS] {% endif %}"
)
"""A template that writes the parts of a content itself, one behind another, as those of Llama 3.2 do."""


class Notes(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def write(folder: Path, rows: Sequence[dict[str, Any]], template: str = stories.TEMPLATE, **data: Any) -> Path:
    """Write a task whose training file has these rows."""
    path = stories.write_task("instruction-tuning", "causal", ("messages",), folder, data)
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    spec = path.read_text().replace("  validation: validation.jsonl\n", "")
    path.write_text(spec)
    (folder / "model" / "chat_template.jinja").write_text(template)
    return path


def ids(path: Path, notes: Notes | None = None) -> list[list[int]]:
    """Return the token ids of each example of a task's training file, and which of them are learned, as its sign."""
    batch = bind(load_spec(path), path.parent, notes or Notes()).data.train.batch(np.arange(1))
    real = batch.inputs["attention_mask"][0] > 0
    return [batch.inputs["input_ids"][0][real].tolist(), batch.weights[0][real].tolist()]


def test_content_in_parts_is_what_transformers_renders(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "red "}, {"type": "text", "text": "dog"}]
    messages = [{"role": "user", "content": parts}, {"role": "assistant", "content": [{"type": "text", "text": "cat"}]}]
    path = write(tmp_path, [{"messages": messages}], IN_PARTS)
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    expected = theirs.apply_chat_template(messages, tokenize=True, return_dict=True)["input_ids"]
    assert ids(path)[0] == expected


@pytest.mark.parametrize("speakers", [("human", "gpt"), ("user", "assistant"), ("human", "chatgpt")])
def test_sharegpts_messages_are_those_with_roles(speakers: tuple[str, str], tmp_path: Path) -> None:
    texts = [message["content"] for message in MESSAGES]
    row = {"conversations": [{"from": one, "value": text} for one, text in zip(speakers, texts, strict=True)]}
    found = ids(write(tmp_path / "found", [row], columns={"messages": "conversations"}))
    assert found == ids(write(tmp_path / "wanted", [{"messages": MESSAGES}]))


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": "x"}]},
            "messages[0].content[0] is {'image_url': 'x', 'type': 'image_url'}, but ftcore reads only parts of the "
            "type text",
        ),
        ({"role": "user", "content": [{"type": "text"}]}, "messages[0].content[0].text is not a string but None"),
        ({"role": "user", "content": []}, "the messages[0].content (column 'content') is empty"),
        (
            {"from": "observation", "value": "dog"},
            "messages[0].from is 'observation'; allowed: human, user, gpt, chatgpt, assistant, system",
        ),
        ({"from": "human"}, "the messages[0].value (column 'value') is missing"),
        (
            {"role": "assistant", "content": "dog", "weight": 0},
            "messages[0].weight is 0, which ftcore does not read: leave it out",
        ),
        (
            {"role": "assistant", "content": "dog", "tool_calls": [1]},
            "messages[0].tool_calls is [1], which ftcore does not read: leave it out",
        ),
    ],
)
def test_a_message_that_is_not_read_is_refused_by_its_field(
    message: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    path = write(tmp_path, [{"messages": [message, *MESSAGES]}])
    with pytest.raises(DataError) as error:
        ids(path)
    assert str(error.value) == f"train.jsonl:1: row 1: {reason}"


def test_fields_of_a_message_that_change_nothing_are_allowed(tmp_path: Path) -> None:
    told = [{**message, "weight": 1, "tool_calls": None, "name": "x"} for message in MESSAGES]
    found = ids(write(tmp_path / "found", [{"messages": told}]))
    assert found == ids(write(tmp_path / "wanted", [{"messages": MESSAGES}]))


@pytest.mark.parametrize(("given", "prompt"), [("dog", "red\ndog\n"), ("", "red\n"), (None, "red\n")])
def test_an_instruction_has_its_input_behind_it(given: str | None, prompt: str, tmp_path: Path) -> None:
    """Alpaca's three columns."""
    columns = {"prompt": "instruction", "prompt_input": "input", "completion": "output"}
    row = {"instruction": "red", "input": given, "output": "cat"}
    found = ids(write(tmp_path / "found", [row, {**row, "input": "x"}], columns=columns))
    plain = {"prompt": prompt.removesuffix("\n"), "completion": "cat"}
    assert found == ids(write(tmp_path / "wanted", [plain]))


def test_a_tokenizer_is_trained_on_contents_in_any_form(tmp_path: Path) -> None:
    parts = {"role": "user", "content": [{"type": "text", "text": "red"}]}
    rows = [[parts, {"from": "gpt", "value": "dog"}, {"role": "user", "content": "cat"}]]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps({"messages": row}) + "\n" for row in rows))
    rules = ColumnRules({}, "joint", None, (("messages",),))
    assert list(TrainingTexts(DataSpec(train="train.jsonl"), tmp_path, rules, {"messages"})) == ["red", "dog", "cat"]


@pytest.mark.parametrize(
    ("template", "behind"),
    [
        (stories.TEMPLATE, None),
        ("{% for message in messages %} {{ message.content }} house{% endfor %}", " house"),
        ("{% for message in messages %}{{ message.content }} {% endfor %}", " "),
        ("{% for message in messages %}[SEP] {{ message.content }} {% endfor %}", " "),
    ],
)
def test_a_template_that_ends_no_answer_is_named(template: str, behind: str | None, tmp_path: Path) -> None:
    notes = Notes()
    ids(write(tmp_path, [{"messages": MESSAGES}], template), notes)
    wanted = f"the chat template puts {behind!r} behind an answer, and no token of it ends a text (that does '[SEP]'"
    assert [note.startswith(wanted) for note in notes.said if "chat template" in note] == ([True] if behind else [])


def test_prompts_need_no_template(tmp_path: Path) -> None:
    notes = Notes()
    ids(write(tmp_path, [{"prompt": "red", "completion": "dog"}], "{{ messages[0].content }}"), notes)
    assert not [note for note in notes.said if "chat template" in note]
