"""Checks a row of texts for tasks of language models."""

import reprlib
from collections.abc import Mapping
from typing import Any

from ftcore.data import MESSAGES, PROMPT_INPUT, REFERENCES, Columns, text_of
from ftcore.inputs.language.conversations import messages_of

RowTexts = Mapping[str, Any]
"""A row's texts by ftcore's column names; `messages` a list of {role, content}, `references` a list of texts."""


def row_texts(values: Mapping[str, object], columns: Columns) -> RowTexts:
    """Return a row's texts; raises ValueError with the reason if one is wrong."""
    readers = {MESSAGES: messages_of, REFERENCES: _references, PROMPT_INPUT: _optional}
    return {own: readers.get(own, text_of)(values, own, column) for own, column in columns.texts.items()}


def _optional(values: Mapping[str, object], own: str, column: str) -> str:
    """Return a text, which may be missing or empty: ""."""
    given = values.get(column)
    return "" if given is None or given == "" else text_of(values, own, column)


def _references(values: Mapping[str, object], own: str, column: str) -> list[str]:
    given = values.get(column)
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts:
        raise ValueError(f"the {own} are not a list of texts but {reprlib.repr(given)}")
    return [text_of({own: text}, f"{own}[{place}]", own) for place, text in enumerate(texts)]
