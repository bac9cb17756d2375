"""Checks a row of texts for tasks of language models."""

import reprlib
from collections.abc import Mapping
from typing import Any

from ftcore.data import MESSAGES, REFERENCES, Columns, text_of
from ftcore.text import CONTENT, ROLE

RowTexts = Mapping[str, Any]
"""A row's texts by ftcore's column names; `messages` a list of {role, content}, `references` a list of texts."""


def row_texts(values: Mapping[str, object], columns: Columns) -> RowTexts:
    """Return a row's texts; raises ValueError with the reason if one is wrong."""
    readers = {MESSAGES: _messages, REFERENCES: _references}
    return {own: readers.get(own, text_of)(values, own, column) for own, column in columns.texts.items()}


def _messages(values: Mapping[str, object], own: str, column: str) -> list[dict[str, str]]:
    given = values.get(column)
    if not isinstance(given, list) or not given:
        raise ValueError(f"the {own} are not a list of messages but {reprlib.repr(given)}")
    return [_message(message, f"{own}[{place}]") for place, message in enumerate(given)]


def _message(given: object, described: str) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise ValueError(f"{described} is not a mapping with {ROLE} and {CONTENT} but {reprlib.repr(given)}")
    return {name: text_of(given, f"{described}.{name}", name) for name in (ROLE, CONTENT)}


def _references(values: Mapping[str, object], own: str, column: str) -> list[str]:
    given = values.get(column)
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts:
        raise ValueError(f"the {own} are not a list of texts but {reprlib.repr(given)}")
    return [text_of({own: text}, f"{own}[{place}]", own) for place, text in enumerate(texts)]
