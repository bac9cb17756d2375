"""Finds code that branches on the kind of input, target or task."""

import ast
from collections.abc import Collection, Iterator
from typing import NamedTuple

KIND_ATTRIBUTES = frozenset({"unit", "reads"})
"""What a task says of its kind; to compare them is to ask for it."""
ATTRIBUTE_FUNCTIONS = frozenset({"getattr", "hasattr", "setattr", "attrgetter"})


class Question(NamedTuple):
    """A place that asks for a kind, and in which form."""

    line: int
    form: str


def questions(text: str, names: Collection[str], classes: Collection[str]) -> list[Question]:
    """Return the places of a source text that ask for a kind.

    Args:
        text: the source.
        names: of the inputs, the targets and the tasks.
        classes: the names of the classes of inputs and targets.
    """
    tree, found = ast.parse(text), set()
    documentation = _documentation(tree)
    for node in ast.walk(tree):
        found |= {Question(getattr(node, "lineno", 0), form) for form in _by_class(node, classes)}
        found |= {Question(getattr(node, "lineno", 0), form) for form in _by_attribute(node)}
        if isinstance(node, ast.Constant) and id(node) not in documentation and node.value in {*names, *classes}:
            found.add(Question(node.lineno, "name"))
    return sorted(found)


def _by_class(node: ast.AST, classes: Collection[str]) -> Iterator[str]:
    """Give the forms in which a node names a class, or could without naming its module."""
    if isinstance(node, ast.ImportFrom) and node.level:
        yield "relative import"
    if isinstance(node, ast.ImportFrom | ast.Import) and any(
        alias.name.rpartition(".")[2] in classes or alias.asname in classes for alias in node.names
    ):
        yield "import"
    if isinstance(node, ast.Name | ast.Attribute) and _last(node) in classes:
        yield "class"


def _by_attribute(node: ast.AST) -> Iterator[str]:
    """Give the forms in which a node asks for what a task says of its kind."""
    if isinstance(node, ast.Compare) and any(_last(side) in KIND_ATTRIBUTES for side in _sides(node)):
        yield "attribute"
    if isinstance(node, ast.Match) and _last(node.subject) in KIND_ATTRIBUTES:
        yield "match"
    if isinstance(node, ast.Subscript) and _last(node.slice) in KIND_ATTRIBUTES and not _of_network(node.slice):
        yield "dictionary"
    if isinstance(node, ast.Call) and _last(node.func) in ATTRIBUTE_FUNCTIONS:
        values = {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
        if values & KIND_ATTRIBUTES:
            yield "getattr"


def _of_network(node: ast.AST) -> bool:
    """Return whether an attribute is that of an architecture, which says what a network reads, whatever the task."""
    return isinstance(node, ast.Attribute) and _last(node.value) == "architecture"


def _sides(node: ast.Compare) -> Iterator[ast.AST]:
    for side in (node.left, *node.comparators):
        yield from side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else [side]


def _documentation(tree: ast.Module) -> set[int]:
    """Return the ids of the constants that stand alone: docstrings, and the texts below fields."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _last(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
