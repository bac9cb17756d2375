"""Chat messages as one text, by the tokenizer's own template, as transformers' apply_chat_template renders it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ftcore.errors import ModelError
from ftcore.files import read_object
from ftcore.helpers import required
from ftcore.text.messages import ASSISTANT, ROLE
from ftcore.text.pieces import Piece
from ftcore.text.tokenizer_files import CHAT_TEMPLATE

Messages = Sequence[Mapping[str, str]]


class ChatTemplate:
    """A tokenizer's template; it is run in jinja2's sandbox, which lets it reach nothing else.

    Args:
        template: the text of the template.
        tokens: what the tokenizer calls its special tokens: bos_token and others.

    Raises:
        jinja2.TemplateError: it is no template.
    """

    def __init__(self, template: str, tokens: Mapping[str, str]) -> None:
        sandbox = required("jinja2.sandbox", "chat", "a chat template")
        environment = sandbox.ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.filters["tojson"] = _json
        # transformers' strftime_now is left out: a text must not depend on the day.
        environment.globals["raise_exception"] = _refuse
        self._template = environment.from_string(template)
        self._tokens = tokens

    def pieces(self, messages: Messages) -> list[Piece]:
        """Return the rendered text in pieces, of which the assistant's answers, with what ends them, are learned.

        Raises:
            ValueError: no message is the assistant's, or the template renders an answer otherwise in its middle.
        """
        answers = [place for place, message in enumerate(messages) if message[ROLE] == ASSISTANT]
        if not answers:
            raise ValueError(f"no message has the role {ASSISTANT!r}, so there is nothing to learn")
        found, rendered = [], ""
        for place in answers:
            prompt, answered = self.prompt(messages[:place]), self._rendered(messages[: place + 1], prompts=False)
            if not (prompt.startswith(rendered) and answered.startswith(prompt)):
                raise ValueError(f"the chat template does not render messages[{place}] as what follows its prompt")
            found += [Piece(prompt[len(rendered) :], False), Piece(answered[len(prompt) :], True)]
            rendered = answered
        return [piece for piece in found if piece.text]

    def prompt(self, messages: Messages) -> str:
        """Return the text that an answer to these messages goes on from."""
        return self._rendered(messages, prompts=True)

    def _rendered(self, messages: Messages, prompts: bool) -> str:
        try:
            text: str = self._template.render(messages=messages, add_generation_prompt=prompts, **self._tokens)
        except Exception as error:  # whatever the template's own operations raise
            raise ValueError(f"the chat template refuses the messages: {error}") from error
        return text


def read_chat_template(folder: Path, tokens: Mapping[str, str]) -> ChatTemplate:
    """Return the template of a tokenizer's folder.

    Raises:
        ModelError: it has none, or it cannot be read.
    """
    text = template_text(folder)
    if text is None:
        raise ModelError(f"{folder}: has no chat template, which messages need: give prompt and completion instead")
    exceptions = required("jinja2.exceptions", "chat", "a chat template")
    try:
        return ChatTemplate(text, tokens)
    except exceptions.TemplateError as error:
        raise ModelError(f"{folder}: its chat template cannot be read: {error}") from error


def template_text(folder: Path) -> str | None:
    """Return the text of a tokenizer's template; None where it has none."""
    alone, config = folder / CHAT_TEMPLATE, folder / "tokenizer_config.json"
    if alone.is_file():
        return alone.read_text("utf-8")
    stored: Any = read_object(config).get("chat_template") if config.is_file() else None
    if isinstance(stored, list):
        stored = next((one["template"] for one in stored if one.get("name") == "default"), None)
    return stored if isinstance(stored, str) else None


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> None:
    exceptions = required("jinja2.exceptions", "chat", "a chat template")
    raise exceptions.TemplateError(message)
