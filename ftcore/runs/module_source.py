"""Finds the file of a user's module that a spec names, and builds the module once its code is allowed to run."""

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
        text: the text of the spec.
        folder: the first folder in sys.path while the code runs.
        name: the imported name.
        function: the function that returns the module, called without arguments.
        file: the file that the import runs; it may import others.
    """

    text: str
    folder: Path
    name: str
    function: str
    file: Path


def find_source(text: str, base: Path) -> ModuleSource:
    """Return the source of a spec's `model.module`; nothing is imported.

    Args:
        text: PACKAGE.FILE:FUNCTION, or FOLDER/PACKAGE.FILE:FUNCTION.
        base: the folder that FOLDER is relative to, or the folder itself if FOLDER is not given.

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
        ModelError: the code raises, another module of this name was already imported, or the function does not exist.
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
    """Call a function of the user's code and return its result.

    Args:
        text: the module as in the spec.
        what: name of the call in an error.
        function: the function, called without arguments.

    Raises:
        ModelError: the function raises; the message names the exception.
    """
    try:
        return function()
    except FtcoreError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"model.module: {text}: {what} raised {type(error).__name__}: {reason}") from error


def _find(name: str, folder: Path) -> ModuleSpec:
    """Find a module as an import does, but without running the packages that contain it."""
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
    except ValueError:  # a module that is run as a program has no location
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
    """Check that the import used the file that was found, because Python keeps one module per name."""
    file = getattr(module, "__file__", None)
    if file is None or not Path(file).samefile(source.file):
        raise ModelError(f"model.module: importing {source.name} gave {file}, not {source.file}: rename the file")
