"""Lists the source files of the core and of the backends, as text and syntax trees."""

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """A module: its dotted name, and its text; `package` where it is the `__init__` of one."""

    module: str
    text: str
    package: bool = False
    place: str = "given text"

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def parent(self) -> str:
        """The package that a relative import of one dot means."""
        return self.module if self.package else self.module.rpartition(".")[0]


def sources() -> list[Source]:
    """Return every file of ftcore and of the backends."""
    return [_source(path, base) for base in (ROOT, ROOT / "backends") for path in _files(base)]


def _files(base: Path) -> list[Path]:
    folders = [base / "ftcore"] if base == ROOT else [folder for folder in base.iterdir() if folder.is_dir()]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def _source(path: Path, base: Path) -> Source:
    parts = path.relative_to(base).with_suffix("").parts
    package = parts[-1] == "__init__"
    module = ".".join(parts[:-1] if package else parts)
    return Source(module, path.read_text(encoding="utf-8"), package, path.relative_to(ROOT).as_posix())
