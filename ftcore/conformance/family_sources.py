"""Gets the references of the families from a child process or from stored arrays.

The package `ftcore_references` computes them with plain transformers in a child process. If what it needs is not
installed, the arrays that ship with ftcore are used. Those are sketches: a few random projections of each array, which
show the size of an error to a factor of about two.
`python -m ftcore.conformance.family_sources [--family NAME]` writes them again.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ftcore.conformance import array_file
from ftcore.conformance.families import FAMILY_CASES, Variant
from ftcore.conformance.family_references import FamilyReferences, sketch, whole
from ftcore.errors import BackendError, FtcoreError
from ftcore.helpers import ChildError, captured, module_command

STORED = Path(__file__).parent / "stored" / "families"
PACKAGE = "ftcore_references"


@cache
def references_for(families: tuple[str, ...]) -> FamilyReferences:
    """Return references for these families from a child process, else the stored ones.

    Raises:
        ChildError: the child process failed.
    """
    module = reference_module()
    if module is None:
        return stored(families)
    variants = [variant for family in families for variant in FAMILY_CASES[family].every()]
    arrays, versions = compute(module, variants)
    return FamilyReferences(f"plain transformers in a child process ({versions})", arrays, whole)


def stored(families: Sequence[str]) -> FamilyReferences:
    """Return the sketches that ship with ftcore."""
    arrays: dict[str, np.ndarray] = {}
    versions: set[str] = set()
    for file in filter(Path.is_file, map(_file, families)):
        found, version = array_file.read(file)
        arrays |= found
        versions.add(version)
    return FamilyReferences(f"stored projections ({'; '.join(sorted(versions)) or 'none'})", arrays, sketch)


def reference_module() -> str | None:
    """Return the package of plain transformers where it can run, or None; no framework is imported."""
    if find_spec(PACKAGE) is None:
        return None
    return PACKAGE if all(map(find_spec, import_module(PACKAGE).REQUIRES)) else None


def compute(module: str, variants: Sequence[Variant]) -> tuple[dict[str, np.ndarray], str]:
    """Return a module's arrays from a child process, shapes as in `FamilyReferences.arrays`, and its versions.

    A child process is needed because two frameworks never share a process.

    Raises:
        ChildError: the child process failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "references.npz"
        wanted = json.dumps([asdict(variant) for variant in variants])
        child = captured(module_command(module, "--output", str(file)), wanted)
        if child.returncode:
            raise ChildError(f"{module} failed to compute references: {child.reason}", child.exit_code)
        return array_file.read(file)


def _file(family: str) -> Path:
    return STORED / f"{family}.npz"


def _write(families: Sequence[str]) -> None:
    module = reference_module()
    if module is None:
        raise BackendError("nothing can compute references where transformers is not installed")
    STORED.mkdir(exist_ok=True)
    for family in families:
        arrays, versions = compute(module, FAMILY_CASES[family].every())
        array_file.write(_file(family), {key: sketch(key, value) for key, value in arrays.items()}, versions)


def main() -> int:
    """Write the sketches; return 2 if nothing can compute them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=FAMILY_CASES, action="append", help="default: every family")
    families = parser.parse_args().family or list(FAMILY_CASES)
    try:
        _write(families)
    except FtcoreError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
