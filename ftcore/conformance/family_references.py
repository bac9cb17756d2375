"""What transformers computes for the families' variants, in float64.

A package that registers a backend may have a module `reference` of plain transformers, which runs in a child process;
where none is installed beside the backend under test, the arrays that ship with ftcore are taken. Those are sketches:
a few random projections of each array, which show an error as large as it is to a factor of about two.
`python -m ftcore.conformance.family_references [--family NAME]` writes them anew.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ftcore import backend as backends
from ftcore.conformance import array_file
from ftcore.conformance.draws import SEED
from ftcore.conformance.families import FAMILY_CASES, Variant
from ftcore.conformance.family_steps import STEPS
from ftcore.conformance.measure import absolute, relative
from ftcore.errors import BackendError, FtcoreError, RunError
from ftcore.seeds import generator

STORED = Path(__file__).parent / "stored" / "families"
MODULE = "reference"
PROJECTIONS = 4
"""Of each stored array; so the squared length of their difference is chi-squared with 4 degrees of freedom."""
SMALL = STEPS
"""Elements of an array that is stored as it is: the losses are."""
NOISE = 1e-12
"""A gradient that is so small a part of all is zero in exact arithmetic, as that of a key's bias under softmax."""


@dataclass(frozen=True)
class VariantReferences:
    """The arrays of one variant, float64.

    Attributes:
        arrays: "hidden_states/LAYER" [sequences, length, hidden], zero at padding; "logits" [sequences, labels];
            "loss" [], the mean; "gradient/PARAMETER", zeros where the loss does not reach it; "losses" [steps].
        seen: makes of a computed array, given its key, what stands in `arrays`: itself, or its sketch.
    """

    arrays: Mapping[str, np.ndarray]
    seen: Callable[[str, np.ndarray], np.ndarray]

    def error(self, key: str, found: np.ndarray | float | None) -> float:
        """Return the relative L2 error of an array; infinite where there is none."""
        return math.inf if found is None else relative(self.seen(key, np.asarray(found)), self.arrays[key])

    def names(self, kind: str) -> list[str]:
        """Return the names under "KIND/"."""
        return [key.removeprefix(f"{kind}/") for key in self.arrays if key.startswith(f"{kind}/")]

    def gradient_errors(self, found: Mapping[str, np.ndarray]) -> dict[str, float]:
        """Return the error of every parameter's gradient, relative; absolute where it is zero in exact arithmetic."""
        wanted = {name: self.arrays[f"gradient/{name}"] for name in self.names("gradient")}
        noise = NOISE * math.hypot(*(float(np.linalg.norm(value)) for value in wanted.values()))
        errors = dict.fromkeys(found.keys() - wanted.keys(), math.inf)
        for name, value in wanted.items():
            if name not in found:
                errors[name] = math.inf
                continue
            seen = self.seen(f"gradient/{name}", found[name])
            is_zero = float(np.linalg.norm(value)) <= noise
            errors[name] = absolute(seen, value) if is_zero else relative(seen, value)
        return errors


@dataclass(frozen=True)
class FamilyReferences:
    """The arrays of several families.

    Attributes:
        origin: where they came from, in words.
        arrays: "FAMILY/VARIANT/" and a key of `VariantReferences.arrays`.
        seen: as there; its key is the whole one.
    """

    origin: str
    arrays: Mapping[str, np.ndarray]
    seen: Callable[[str, np.ndarray], np.ndarray]

    def of(self, variant: Variant) -> VariantReferences:
        """Return a variant's arrays.

        Raises:
            BackendError: there are none.
        """
        prefix = f"{variant.family}/{variant.name}/"
        found = {key.removeprefix(prefix): array for key, array in self.arrays.items() if key.startswith(prefix)}
        if not found:
            raise BackendError(
                f"{self.origin}: no references for {variant.family}, {variant.name!r}: install a backend that is built "
                "on transformers, or write them there by `make references`"
            )
        return VariantReferences(found, lambda key, value: self.seen(prefix + key, value))


@cache
def references_for(families: tuple[str, ...]) -> FamilyReferences:
    """Return references for these families: from a child process, or else the stored ones.

    Raises:
        RunError: the child process failed.
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
    """Return the first installed module of plain transformers, or None."""
    return next(iter(backends.modules(MODULE)), None)


def compute(module: str, variants: Sequence[Variant]) -> tuple[dict[str, np.ndarray], str]:
    """Return what a module computes in a child process, so that two frameworks never share one, and its versions.

    Raises:
        RunError: the child process failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "references.npz"
        child = subprocess.run(  # noqa: S603 (a registered package's module)
            [sys.executable, "-m", module, "--output", str(file)],
            input=json.dumps([asdict(variant) for variant in variants]),
            capture_output=True,
            text=True,
            check=False,
        )
        if child.returncode:
            raise RunError(f"{module} failed to compute references: {child.stderr.strip()[-2000:]}")
        return array_file.read(file)


def sketch(key: str, value: np.ndarray) -> np.ndarray:
    """Return random projections of an array, float64 [PROJECTIONS]; a small one as it is.

    Their squared length has the array's as its mean: the projections are normal, with variance 1 / PROJECTIONS.
    """
    if value.size <= SMALL:
        return value
    draws = generator(SEED, "conformance", "sketch", key).standard_normal((PROJECTIONS, value.size))
    return np.asarray(draws @ value.ravel().astype(np.float64) / np.sqrt(PROJECTIONS))


def whole(key: str, value: np.ndarray) -> np.ndarray:
    """Return an array as it is."""
    return value


def _file(family: str) -> Path:
    return STORED / f"{family}.npz"


def main() -> int:
    """Write the sketches; return 2 where nothing can compute them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=FAMILY_CASES, action="append", help="default: every family")
    families = parser.parse_args().family or list(FAMILY_CASES)
    module = reference_module()
    if module is None:
        sys.stderr.write("no installed backend is built on transformers: nothing can compute references\n")
        return 2
    try:
        STORED.mkdir(exist_ok=True)
        for family in families:
            arrays, versions = compute(module, FAMILY_CASES[family].every())
            array_file.write(_file(family), {key: sketch(key, value) for key, value in arrays.items()}, versions)
    except FtcoreError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
