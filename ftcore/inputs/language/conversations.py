"""Reads a conversation from the forms in which people keep them: role and content, or from and value (ShareGPT)."""

import reprlib
from collections.abc import Mapping
from typing import Any

from ftcore.data import text_of
from ftcore.text import ASSISTANT, CONTENT, ROLE

FROM, VALUE = "from", "value"
"""ShareGPT's fields of a message."""
SPEAKERS = {
    **dict.fromkeys(("human", "user"), "user"),
    **dict.fromkeys(("gpt", "chatgpt", ASSISTANT), ASSISTANT),
    "system": "system",
}
"""ShareGPT's speakers, and the roles that templates know."""
NOT_READ: Mapping[str, tuple[Any, ...]] = {
    "weight": (None, 1),
    **dict.fromkeys(("tool_calls", "function_call", "tool_call_id", "reasoning_content", "thinking"), (None, [], "")),
}
"""Fields of a message that say what is learned or written, and the values with which they change nothing."""
TYPE, TEXT_PART = "type", "text"
"""The field of a part of a content, and the type that ftcore reads; a part has its text in the field of that name."""


def messages_of(values: Mapping[str, object], own: str, column: str) -> list[dict[str, str]]:
    """Return a row's messages, each with role and content; raises ValueError with the reason if one is wrong."""
    given = values.get(column)
    if not isinstance(given, list) or not given:
        raise ValueError(f"the {own} are not a list of messages but {reprlib.repr(given)}")
    return [_message(message, f"{own}[{place}]") for place, message in enumerate(given)]


def _message(given: object, described: str) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise ValueError(f"{described} is not a mapping with {ROLE} and {CONTENT} but {reprlib.repr(given)}")
    for name, neutral in NOT_READ.items():
        if given.get(name) not in neutral:
            raise ValueError(
                f"{described}.{name} is {reprlib.repr(given[name])}, which ftcore does not read: leave it out"
            )
    if FROM in given and ROLE not in given:
        return {ROLE: _speaker(given, described), CONTENT: _text(given, f"{described}.{VALUE}", VALUE)}
    return {ROLE: text_of(given, f"{described}.{ROLE}", ROLE), CONTENT: _text(given, f"{described}.{CONTENT}", CONTENT)}


def _speaker(given: Mapping[str, Any], described: str) -> str:
    name = text_of(given, f"{described}.{FROM}", FROM)
    if name not in SPEAKERS:
        raise ValueError(f"{described}.{FROM} is {name!r}; allowed: {', '.join(SPEAKERS)}")
    return SPEAKERS[name]


def _text(given: Mapping[str, Any], described: str, name: str) -> str:
    """Return a text, which may be in parts, one behind another."""
    value = given.get(name)
    if not isinstance(value, list):
        return text_of(given, described, name)
    parts = [_part(part, f"{described}[{place}]") for place, part in enumerate(value)]
    return text_of({name: "".join(parts)}, described, name)


def _part(given: object, described: str) -> str:
    if not isinstance(given, Mapping) or given.get(TYPE) != TEXT_PART:
        raise ValueError(f"{described} is {reprlib.repr(given)}, but ftcore reads only parts of the type {TEXT_PART}")
    text = given.get(TEXT_PART)
    if not isinstance(text, str):
        raise ValueError(f"{described}.{TEXT_PART} is not a string but {reprlib.repr(text)}")
    return text
