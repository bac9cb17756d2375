"""Reads the descriptions of a definition's fields from its docstring, for the JSON Schema."""

import inspect
import re

_ENTRY = re.compile(r"^    (\w+(?:, \w+)*): (.*(?:\n {8,}.*)*)", re.MULTILINE)


def attribute_descriptions(definition: type) -> dict[str, str]:
    """Return the descriptions in the "Attributes:" sections of a class and its bases, by field."""
    found: dict[str, str] = {}
    for base in reversed(definition.__mro__):
        _, _, section = inspect.cleandoc(base.__doc__ or "").partition("Attributes:\n")
        for names, text in _ENTRY.findall(section):
            found |= dict.fromkeys(names.split(", "), " ".join(text.split()))
    return found
