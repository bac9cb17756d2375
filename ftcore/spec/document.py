"""Reads a YAML text as plain values, with the line of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from ftcore.errors import SpecError
from ftcore.parts import Place, dotted
from ftcore.spec.yaml_scalars import MERGE, SpecLoader, scalar

MOST_VALUES = 100_000
"""Maximum number of values with anchors expanded: ten lines of anchors can expand to billions."""


@dataclass
class Document:
    """A YAML text as plain values.

    Attributes:
        source: the name of the text in errors.
        value: dicts, lists and scalars; every key is text.
        lines: the line of each place, from 1.
        mistakes: line and message of each error in the keys and tags.
    """

    source: str
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    mistakes: list[tuple[int, str]] = field(default_factory=list)


def parse(text: str, source: str) -> Document:
    """Read a YAML text.

    Raises:
        SpecError: it is not YAML, or its anchors expand to too many values.
    """
    node = _compose(text, source)
    document = Document(source)
    if node is not None:
        _check_size(node, source)
        document.value = _Reader(document).read(node, ())
    return document


def _compose(text: str, source: str) -> yaml.Node | None:
    loader = None
    try:
        loader = SpecLoader(text)
        return loader.get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SpecError(
            f"{source}:{line}: character U+{ord(text[error.position]):04X} is not allowed in YAML"
        ) from None
    except yaml.MarkedYAMLError as error:
        raise SpecError(_syntax(error, text, source)) from None
    except RecursionError:
        raise SpecError(f"{source}: nested too deeply to be a spec") from None
    finally:
        if loader is not None:
            loader.dispose()


def _syntax(error: yaml.MarkedYAMLError, text: str, source: str) -> str:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    lines = text.split("\n")
    indent = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())] if line <= len(lines) else ""
    if "\t" in indent or "'\\t'" in str(error.problem):
        return f"{source}:{line}: YAML allows no tab here: indent with spaces"
    if "single document" in str(error.context):
        return f"{source}:{line}: a second document begins: a spec is one document, without '---' inside"
    problem = " ".join(str(part) for part in (error.context, error.problem) if part)
    return f"{source}:{line}: not valid YAML: {problem} (column {mark.column + 1 if mark else 1})"


def _check_size(root: yaml.Node, source: str) -> None:
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: yaml.Node) -> int:
        if id(node) in open_nodes:
            raise SpecError(f"{source}:{node.start_mark.line + 1}: an anchor contains itself")
        if id(node) not in sizes:
            open_nodes.add(id(node))
            sizes[id(node)] = 1 + sum(size(child) for child in _children(node))
            open_nodes.discard(id(node))
        return sizes[id(node)]

    try:
        total = size(root)
    except RecursionError:
        raise SpecError(f"{source}: nested too deeply to be a spec") from None
    if total > MOST_VALUES:
        raise SpecError(f"{source}: with its anchors written out the spec has {total} values; allowed: {MOST_VALUES}")


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


class _Reader:
    """Turns nodes into values and notes lines and mistakes in a document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def read(self, node: yaml.Node, place: Place) -> Any:
        self._document.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*place, index)) for index, item in enumerate(node.value)]
        try:
            return scalar(node.tag, node.value)
        except ValueError as error:
            self._mistake(node, place, str(error))
            return None

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == MERGE:
                merged = self._merged(value, place) | merged
            elif not isinstance(key, yaml.ScalarNode):
                self._mistake(key, place, "a key must be a name, not a list or mapping")
            elif key.value in values:
                first = self._document.lines[(*place, key.value)]
                self._mistake(key, (*place, key.value), f"given twice, first in line {first}")
            else:
                self._document.lines[(*place, key.value)] = key.start_mark.line + 1
                values[key.value] = self.read(value, (*place, key.value))
        return merged | values

    def _merged(self, node: yaml.Node, place: Place) -> dict[str, Any]:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for source in sources:
            value = self.read(source, place)
            if isinstance(value, Mapping):
                merged = {**value, **merged}
            else:
                self._mistake(source, place, "'<<' merges mappings only")
        return merged

    def _mistake(self, node: yaml.Node, place: Place, text: str) -> None:
        prefix = f"{dotted(place)}: " if place else ""
        self._document.mistakes.append((node.start_mark.line + 1, prefix + text))
