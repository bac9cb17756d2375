"""Reads plain scalars by YAML 1.2's core schema, in which 2e-4 is a number and `no` is text.

YAML 1.1, PyYAML's default, reads 2e-4 and 1e5 as text, `no` as false, 010 as 8 and 12:30 as 750.
"""

import re

import yaml

NULL, BOOL, INT, FLOAT, TEXT = (f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str"))
MERGE = "tag:yaml.org,2002:merge"

_PATTERNS = (
    (NULL, r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (BOOL, r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    (INT, r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    (
        FLOAT,
        r"[-+]?((\.[0-9]+|(0|[1-9][0-9]*)\.[0-9]*)([eE][-+]?[0-9]+)?|(0|[1-9][0-9]*)[eE][-+]?[0-9]+|\.(inf|Inf|INF))"
        r"|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    (MERGE, r"<<", ["<"]),
)


class SpecLoader(yaml.SafeLoader):
    """A SafeLoader that resolves plain scalars by YAML 1.2's core schema; it only composes nodes."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own


class SpecDumper(yaml.SafeDumper):
    """A SafeDumper that quotes text that YAML 1.1 or 1.2 would read as another type."""

    def ignore_aliases(self, data: object) -> bool:
        """Write equal lists twice instead of as an anchor and an alias."""
        return True


def _represent_text(dumper: SpecDumper, text: str) -> yaml.ScalarNode:
    # single quotes do not protect these line breaks, which would be read as spaces
    style = '"' if any(mark in text for mark in "\x85\u2028\u2029") else None
    return dumper.represent_scalar(TEXT, text, style)


SpecDumper.add_representer(str, _represent_text)
for _tag, _pattern, _first in _PATTERNS:
    _compiled = re.compile(rf"^(?:{_pattern})$")
    SpecLoader.add_implicit_resolver(_tag, _compiled, _first)
    SpecDumper.add_implicit_resolver(_tag, _compiled, _first)


def scalar(tag: str, text: str) -> object:
    """Return the value of a scalar.

    Raises:
        ValueError: the tag is not one of text, number, true or false, null; or the text does not fit the tag.
    """
    if tag == TEXT:
        return text
    if tag == NULL:
        return None
    if tag == BOOL:
        return text.lower() == "true"
    if tag == INT:
        return int(text)
    if tag == FLOAT:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    name = tag.replace("tag:yaml.org,2002:", "!!")
    raise ValueError(f"the tag {name} is not allowed: a spec contains only text, numbers, true, false and null")
