"""Finds public functions and classes that take, return or hold an array without documenting its shape."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from sources import Source

SIZE = r"(?:\w[\w .*+/-]*|\.\.\.)"
BRACKETS = re.compile(rf"(?<![\w\])'\"])\[{SIZE}(?:, *{SIZE})*\]")
"""A shape such as [batch, length] or [2 * hidden]; not an index, nor the parameters of a type."""
WORDS = re.compile(r"\bscalars?\b|\b(?:same|its|their|own|equal|any|any one|the) shapes?\b")
"""An array of no dimension, or of the shape of something else that the sentence names."""
ELSEWHERE = re.compile(r"\b(?:[Ss]ee|[Aa]s|[Aa]s in) `[\w.]+`")
"""A shape that is that of something documented elsewhere."""
SECTIONS = ("Args", "Attributes", "Returns", "Raises", "Yields")
ENTRIES = ("__init__", "__call__")
"""Methods that are public although their names begin with an underscore."""


class Item(NamedTuple):
    """A public function or class with arrays, and those of them that have no shape."""

    name: str
    unsaid: tuple[str, ...]


def items(source: Source) -> list[Item]:
    """Return every public function and class of a file that has arrays."""
    if any(part.startswith("_") for part in source.module.split(".")[1:]):
        return []
    return [item for item in _items(source.tree.body, "", "", _aliases(source.tree)) if item is not None]


def _items(body: list[ast.stmt], prefix: str, above: str, aliases: frozenset[str]) -> Iterator[Item | None]:
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            text = ast.get_docstring(node) or ""
            yield _class_item(node, text, f"{prefix}{node.name}", aliases)
            yield from _items(node.body, f"{prefix}{node.name}.", text, aliases)
        elif isinstance(node, ast.FunctionDef) and (not node.name.startswith("_") or node.name in ENTRIES):
            yield _function_item(node, above if node.name in ENTRIES else "", f"{prefix}{node.name}", aliases)


def _class_item(node: ast.ClassDef, text: str, name: str, aliases: frozenset[str]) -> Item | None:
    fields = [
        (field, node.body[place + 1 : place + 2])
        for place, field in enumerate(node.body)
        if isinstance(field, ast.AnnAssign) and _is_array(field.annotation, aliases)
    ]
    names = {_name(field.target): _text_of(following) for field, following in fields}
    public = {field: below for field, below in names.items() if not field.startswith("_")}
    unsaid = [field for field, below in public.items() if not (_has_shape(below) or _said(text, field, len(public)))]
    return Item(name, tuple(unsaid)) if public else None


def _function_item(node: ast.FunctionDef, above: str, name: str, aliases: frozenset[str]) -> Item | None:
    text = f"{ast.get_docstring(node) or ''}\n\n{above}"
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    arrays = [argument.arg for argument in given if argument.annotation and _is_array(argument.annotation, aliases)]
    returns = node.returns is not None and _is_array(node.returns, aliases)
    unsaid = [argument for argument in arrays if not _said(text, argument, len(arrays) + returns)]
    unsaid += ["return"] if returns and not _return_said(text) else []
    return Item(name, tuple(unsaid)) if arrays or returns else None


def _said(text: str, name: str, arrays: int) -> bool:
    """Return whether a docstring gives an array's shape: in its entry, in a sentence with its name, or of all."""
    entry = _entry(text, name)
    if entry is not None and _has_shape(entry):
        return True
    plain = _without_sections(text)
    if arrays == 1 or ELSEWHERE.search(plain):
        return _has_shape(plain)
    sentences = re.split(r"(?<=[.;:])\s+", plain)
    return any(re.search(rf"\b{name}\b", sentence, re.IGNORECASE) and _has_shape(sentence) for sentence in sentences)


def _return_said(text: str) -> bool:
    """Return whether a docstring gives the shape of what is returned: outside the entries of arguments."""
    return _has_shape(_without_sections(text)) or _has_shape(_section(text, "Returns"))


def _has_shape(text: str) -> bool:
    return any(pattern.search(text) for pattern in (BRACKETS, WORDS, ELSEWHERE))


def _entry(text: str, name: str) -> str | None:
    """Return what Args or Attributes says of a name; one entry may be for several."""
    for section in ("Args", "Attributes"):
        for entry in re.split(r"\n(?=    \S)", _section(text, section)):
            head, colon, rest = entry.strip().partition(":")
            if colon and name in {part.strip(" *`") for part in head.split(",")}:
                return rest
    return None


def _section(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\n((?:(?:    .*)?(?:\n|\Z))*)", text, flags=re.MULTILINE)
    return "\n" + found.group(1) if found else ""


def _without_sections(text: str) -> str:
    for name in SECTIONS:
        text = re.sub(rf"^{name}:\n(?:(?:    .*)?(?:\n|\Z))*", "\n", text, flags=re.MULTILINE)
    return text


def _aliases(tree: ast.Module) -> frozenset[str]:
    """Return the names of types of arrays that a file defines without saying a shape below them."""
    return frozenset(
        _name(node.targets[0])
        for place, node in enumerate(tree.body)
        if isinstance(node, ast.Assign)
        and "ndarray" in ast.unparse(node.value)
        and isinstance(node.value, ast.Subscript | ast.BinOp | ast.Attribute)
        and not _has_shape(_text_of(tree.body[place + 1 : place + 2]))
    )


def _is_array(annotation: ast.expr, aliases: frozenset[str]) -> bool:
    text = ast.unparse(annotation)
    return "ndarray" in text or any(re.search(rf"\b{alias}\b", text) for alias in aliases)


def _text_of(statements: list[ast.stmt]) -> str:
    """Return the text that stands below a field."""
    for node in statements:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return node.value.value
    return ""


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
