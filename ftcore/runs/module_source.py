"""A user's own module that a spec names: which file it comes from, and, once that is allowed, the module itself."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

from ftcore.errors import FtcoreError, ModelError
from ftcore.helpers import did_you_mean
from ftcore.models import MODULE


@dataclass(frozen=True)
class ModuleSource:
    """Where a module comes from.

    Attributes:
        text: as in the spec.
        folder: stands first in sys.path while the code runs.
        name: of what is imported.
        function: called without arguments, returns the module.
        file: what the import runs, among others that it imports itself.
    """

    text: str
    folder: Path
    name: str
    function: str
    file: Path


def find_source(text: str, base: Path) -> ModuleSource:
    """Return where a spec's `model.module` comes from; nothing is imported.

    Args:
        text: PACKAGE.FILE:FUNCTION, or FOLDER/PACKAGE.FILE:FUNCTION.
        base: what FOLDER is relative to, and itself the folder where there is none.

    Raises:
        ModelError: there is no such file.
    """
    found = MODULE.fullmatch(text)
    if found is None:
        raise ModelError(f"model.module: given {text!r}; write it as PACKAGE.FILE:FUNCTION, such as net:build")
    folder, name = (base / (found["folder"] or "")).resolve(), found["name"]
    spec = _find(name, folder)
    if spec.origin is None or not Path(spec.origin).is_file():
        raise ModelError(f"model.module: {name} is a folder or built in: name a file with the function")
    return ModuleSource(text, folder, name, found["function"], Path(spec.origin))


def build_module(source: ModuleSource) -> object:
    """Run a module's code and return what its function returns.

    Raises:
        ModelError: it raises, another module of its name is imported already, or it has no such function.
    """
    with _first_in_path(source.folder):
        module = called(source.text, f"importing {source.file}", lambda: importlib.import_module(source.name))
        _check_file(source, module)
        function = getattr(module, source.function, None)
        if not callable(function):
            near = did_you_mean(source.function, [name for name in vars(module) if not name.startswith("_")])
            raise ModelError(f"model.module: {source.file} has no function {source.function!r}{near}")
        return called(source.text, f"{source.function}()", function)


def called(text: str, what: str, function: Callable[[], Any]) -> Any:
    """Return what a function of the user's code returns.

    Args:
        text: the module as in the spec.
        what: names the call in an error.
        function: called without arguments.

    Raises:
        ModelError: it raises; names the exception.
    """
    try:
        return function()
    except FtcoreError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"model.module: {text}: {what} raised {type(error).__name__}: {reason}") from error


def _find(name: str, folder: Path) -> ModuleSpec:
    """Find as an import would, which for a dotted name runs the packages around it; this does not."""
    top, *inner = name.split(".")
    found = PathFinder.find_spec(top, [str(folder), *sys.path]) or _installed(top)
    if found is None:
        raise ModelError(f"model.module: there is no {top} in {folder}, nor in this environment's packages")
    for part in inner:
        places = list(found.submodule_search_locations or ())
        within = PathFinder.find_spec(f"{found.name}.{part}", places) if places else None
        if within is None:
            where = ", ".join(places) or found.origin
            raise ModelError(f"model.module: there is no {part} in {found.name}, which is {where}")
        found = within
    return found


def _installed(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ValueError:  # what is run as a program has no place
        return None


@contextmanager
def _first_in_path(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _check_file(source: ModuleSource, module: Any) -> None:
    """Check that the import gave the file that was found: Python keeps one module of a name."""
    file = getattr(module, "__file__", None)
    if file is None or not Path(file).samefile(source.file):
        raise ModelError(f"model.module: importing {source.name} gave {file}, not {source.file}: rename the file")
