"""Imports packages of an extra where they are used."""

import importlib
import importlib.metadata
from types import ModuleType

from ftcore.errors import FtcoreError


def required(module: str, extra: str, what: str) -> ModuleType:
    """Import a module of an extra.

    Args:
        module: its full name.
        extra: the extra of ftcore that installs it.
        what: the feature that needs it.

    Raises:
        FtcoreError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise FtcoreError(
            f"{what} needs the package {package!r}, which is not installed: pip install 'ftcore[{extra}]'"
        ) from error


def version_of(package: str) -> str | None:
    """Return an installed package's version, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
