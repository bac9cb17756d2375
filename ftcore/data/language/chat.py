"""Chat messages as one text, by the tokenizer's own template, as transformers' apply_chat_template renders it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ftcore.data.language.pieces import Piece
from ftcore.data.language.rows import ASSISTANT, ROLE
from ftcore.errors import ModelError
from ftcore.libraries import required

Messages = Sequence[Mapping[str, str]]
TEMPLATE = "chat_template.jinja"


class ChatTemplate:
    """A tokenizer's template; it is run in jinja2's sandbox, which lets it reach nothing else.

    Args:
        template: the text of the template.
        tokens: what the tokenizer calls its special tokens: bos_token and others.

    Attributes:
        source: the template's text.
        tokens: as given.

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
        self.tokens = tokens
        self.source = template

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
        exceptions = required("jinja2.exceptions", "chat", "a chat template")
        try:
            text: str = self._template.render(messages=messages, add_generation_prompt=prompts, **self.tokens)
        except exceptions.TemplateError as error:
            raise ValueError(f"the chat template refuses the messages: {error}") from error
        return text


def read_chat_template(folder: Path, tokens: Mapping[str, str]) -> ChatTemplate:
    """Return the template of a tokenizer's folder.

    Raises:
        ModelError: it has none.
    """
    alone, config = folder / TEMPLATE, folder / "tokenizer_config.json"
    if alone.is_file():
        return _template(alone, alone.read_text("utf-8"), tokens)
    stored: Any = json.loads(config.read_text("utf-8")).get("chat_template") if config.is_file() else None
    if isinstance(stored, list):
        stored = next((one["template"] for one in stored if one.get("name") == "default"), None)
    if not isinstance(stored, str):
        raise ModelError(f"{folder}: has no chat template, which messages need: give prompt and completion instead")
    return _template(config, stored, tokens)


def _template(path: Path, stored: str, tokens: Mapping[str, str]) -> ChatTemplate:
    exceptions = required("jinja2.exceptions", "chat", "a chat template")
    try:
        return ChatTemplate(stored, tokens)
    except exceptions.TemplateError as error:
        raise ModelError(f"{path}: its chat template cannot be read: {error}") from error


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> None:
    exceptions = required("jinja2.exceptions", "chat", "a chat template")
    raise exceptions.TemplateError(message)
