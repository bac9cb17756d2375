"""Renders chat messages as one text with the tokenizer's template, like transformers' apply_chat_template."""

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
    """A tokenizer's chat template, rendered in jinja2's sandbox.

    Args:
        template: the text of the template.
        tokens: the tokenizer's special tokens by role, such as bos_token.

    Raises:
        jinja2.TemplateError: the template is not valid.
    """

    def __init__(self, template: str, tokens: Mapping[str, str]) -> None:
        sandbox = required("jinja2.sandbox", "chat", "a chat template")
        environment = sandbox.ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.filters["tojson"] = _json
        # transformers' strftime_now is left out, because a text must not depend on the date.
        environment.globals["raise_exception"] = _refuse
        self._template = environment.from_string(template)
        self._tokens = tokens

    def pieces(self, messages: Messages) -> list[Piece]:
        """Return the rendered text in pieces; the assistant's answers, including the tokens that end them, are learned.

        Raises:
            ValueError: no message is the assistant's, or the template does not render an answer right after its prompt.
        """
        answers = [place for place, message in enumerate(messages) if message[ROLE] == ASSISTANT]
        if not answers:
            raise ValueError(f"no message has the role {ASSISTANT!r}, so there is nothing to learn")
        found, rendered = [], ""
        for place in answers:
            prompt, answered = self.prompt(messages[:place]), self._rendered(messages[: place + 1], prompts=False)
            if not (prompt.startswith(rendered) and answered.startswith(prompt)):
                raise ValueError(f"the chat template does not render messages[{place}] directly after its prompt")
            found += [Piece(prompt[len(rendered) :], False), Piece(answered[len(prompt) :], True)]
            rendered = answered
        return [piece for piece in found if piece.text]

    def prompt(self, messages: Messages) -> str:
        """Return the text before an answer to these messages."""
        return self._rendered(messages, prompts=True)

    def _rendered(self, messages: Messages, prompts: bool) -> str:
        try:
            text: str = self._template.render(messages=messages, add_generation_prompt=prompts, **self._tokens)
        except Exception as error:  # a template's operations may raise anything
            raise ValueError(f"the chat template refuses the messages: {error}") from error
        return text


def read_chat_template(folder: Path, tokens: Mapping[str, str]) -> ChatTemplate:
    """Return the template of a tokenizer's folder.

    Raises:
        ModelError: there is no template, or it cannot be read.
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
    """Return the text of a tokenizer's template; None if it has none."""
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
