"""Finds imports that break the layering: upward, past a package's `__init__`, or from a backend beyond the contract."""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sources import Source

LAYERS = (
    *("errors", "formats", "parts", "observer", "helpers", "files", "contract", "machine", "text", "models", "data"),
    *("generation", "evaluation", "inputs", "targets", "tasks", "spec", "loop", "runs", "prediction"),
    # The bounds of the contract are conformance's, and comparison and difference judge by them.
    *("conformance", "lockstep", "comparison", "difference"),
    # Pages of bench write numbers as a report does.
    *("report", "bench", "library", "cli"),
)
"""The packages and modules of ftcore from bottom to top; each imports only those before it."""
FOR_BACKENDS = frozenset({"contract", "errors"})
"""What a backend imports of ftcore."""
REFERENCES = "ftcore_references"
FOR_REFERENCES = FOR_BACKENDS | {"conformance"}
"""The package of plain transformers, no backend, and what it imports of ftcore."""
ENTRIES = ("ftcore", "ftcore.__main__")
"""What users start from: the public names, and `python -m ftcore`."""


class Import(NamedTuple):
    """An import that runs: of `name` from `module`, or of the module itself where `name` is ""."""

    module: str
    name: str
    line: int


class Fault(NamedTuple):
    """An import that the house does not allow."""

    kind: str
    importer: str
    imported: str
    line: int


class House:
    """What the files of ftcore are, and what each package exports."""

    def __init__(self, sources: Iterable[Source]) -> None:
        sources = list(sources)
        self._modules = {source.module for source in sources}
        faces = {source.module: exported(source.tree) for source in sources if source.package}
        self.faces = {package: names for package, names in faces.items() if names is not None and package != "ftcore"}

    def faults(self, source: Source) -> list[Fault]:
        """Return the imports of a file that are not allowed, one for each kind and line."""
        own = room(source.module)
        found = []
        for item in self.imports(source):
            there = room(item.module)
            if there == own or item.module.partition(".")[0] != "ftcore" or source.module in ENTRIES:
                continue
            kinds = [self._layer_fault(own, there), "face" if self._is_past_face(item) else None]
            found += [Fault(kind, own, there, item.line) for kind in kinds if kind is not None]
        return found

    def imports(self, source: Source) -> Iterator[Import]:
        """Give every import that runs, those in functions included; what TYPE_CHECKING guards does not run."""
        idle = {id(node) for guard in ast.walk(source.tree) for node in _guarded(guard)}
        for node in ast.walk(source.tree):
            if id(node) in idle:
                continue
            if isinstance(node, ast.Import):
                yield from (Import(alias.name, "", node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(node, source)
                yield from (self._import_from(base, alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
                names = (argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant))
                yield from (Import(str(name), "", node.lineno) for name in names)

    def _import_from(self, base: str, name: str, line: int) -> Import:
        full = f"{base}.{name}"
        return Import(full, "", line) if full in self._modules else Import(base, name, line)

    def _layer_fault(self, own: str, there: str) -> str | None:
        if own.startswith("ftcore_"):
            allowed = FOR_REFERENCES if own == REFERENCES else FOR_BACKENDS
            return None if there in allowed else "backend"
        return None if _height(there) < _height(own) else "upward"

    def _is_past_face(self, item: Import) -> bool:
        parts = item.module.split(".")
        if len(parts) <= 2 and item.module not in self.faces:
            return any(name.startswith(f"{item.module}.") for name in self._modules if item.module != "ftcore")
        prefixes = (".".join(parts[:count]) for count in range(len(parts), 1, -1))
        face = next((prefix for prefix in prefixes if prefix in self.faces), None)
        if face is None:
            return len(parts) > 2
        below = item.module.removeprefix(face).lstrip(".").split(".")[0] or item.name
        return bool(below) and below not in self.faces[face]


def room(module: str) -> str:
    """Return the part of the house that a module is in: "data" of ftcore.data.batches, a backend's own name."""
    parts = module.split(".")
    return parts[1] if parts[0] == "ftcore" and len(parts) > 1 else parts[0]


def exported(tree: ast.Module) -> frozenset[str] | None:
    """Return the names in `__all__`, or None where there is none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(_name(target) == "__all__" for target in node.targets):
            return frozenset(ast.literal_eval(node.value))
    return None


def _height(part: str) -> int:
    """Return a part's place in LAYERS; the package itself and its `__main__` stand above all."""
    return LAYERS.index(part) if part in LAYERS else len(LAYERS)


def _guarded(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING":
        yield from (child for statement in node.body for child in ast.walk(statement))


def _absolute(node: ast.ImportFrom, source: Source) -> str:
    if not node.level:
        return node.module or ""
    parts = source.parent.split(".")
    base = ".".join(parts[: len(parts) - node.level + 1])
    return f"{base}.{node.module}" if node.module else base


def _called(node: ast.Call) -> str | None:
    return _name(node.func)


def _name(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
