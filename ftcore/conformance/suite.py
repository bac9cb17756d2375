"""Runs the conformance suite on a backend."""

import math
from collections.abc import Iterator, Sequence

from ftcore.conformance.families import FAMILY_CASES
from ftcore.conformance.family_sources import references_for as references_of_families
from ftcore.conformance.references import References, references_for
from ftcore.conformance.report import ConformanceRow, Report
from ftcore.conformance.rungs import FAMILIES, RUNGS, Rung
from ftcore.conformance.subject import NO_FAMILIES, MeasuredFamilies, Subject
from ftcore.contract import Backend
from ftcore.contract import discovery as backends
from ftcore.errors import BackendError
from ftcore.helpers import did_you_mean

PRECISIONS = ("float64", "float32")
NO_BERT = References("", {})
"""Empty references, if only families are measured, which have their own."""
ANY = "any"
"""The precision or mode of a row if it does not matter."""


def run_suite(
    backend: Backend | str,
    precisions: Sequence[str] = PRECISIONS,
    modes: Sequence[str] | None = None,
    rungs: Sequence[Rung] = RUNGS,
    references: References | None = None,
    device: str = "auto",
    families: Sequence[str] | None = None,
) -> Report:
    """Measure a backend against the contract.

    Args:
        backend: a backend, or the name of a registered one.
        precisions: some of "float64" and "float32"; the first is used for rungs that run once.
        modes: keys of `BackendInfo.step_modes`; None means all.
        rungs: the rungs to run.
        references: default: from another backend built on transformers, else the stored ones.
        device: passed to `Backend.build`.
        families: the families of the rung `families`; None means all.

    Raises:
        BackendError: there is no such backend, precision, mode or family.
    """
    backend = backends.load(backend) if isinstance(backend, str) else backend
    info = backend.info()
    references = references or references_for(info.name)
    modes = _known(list(info.step_modes) if modes is None else modes, list(info.step_modes), "step mode")
    measured = _families(families) if FAMILIES in rungs else NO_FAMILIES
    subjects = [
        Subject(backend, device, precision, mode, info.step_modes[mode], references, mode == modes[0], measured)
        for precision in _known(precisions, PRECISIONS, "precision")
        for mode in modes
    ]
    rows = tuple(row for rung in rungs for row in _climb(rung, subjects))
    return Report(info.name, dict(info.versions), references.origin, rows, measured.references.origin)


def run_families(backend: Backend | str, families: Sequence[str] | None = None) -> Report:
    """Measure a backend only on model families; None means all. See `run_suite`."""
    return run_suite(backend, rungs=[FAMILIES], references=NO_BERT, families=families)


def named_rungs(names: Sequence[str] | None) -> list[Rung]:
    """Return the rungs with these names, in the order of the suite; None means all.

    Raises:
        BackendError: there is no such rung.
    """
    known = [rung.name for rung in RUNGS]
    asked = _known(known if names is None else names, known, "rung")
    return [rung for rung in RUNGS if rung.name in asked]


def _families(names: Sequence[str] | None) -> MeasuredFamilies:
    names = _known(list(FAMILY_CASES) if names is None else names, list(FAMILY_CASES), "family")
    return MeasuredFamilies([FAMILY_CASES[name] for name in names], references_of_families(tuple(names)))


def _known(given: Sequence[str], allowed: Sequence[str], what: str) -> Sequence[str]:
    for name in given:
        if name not in allowed:
            raise BackendError(
                f"there is no {what} {name!r}{did_you_mean(name, allowed)}; allowed: {', '.join(allowed)}"
            )
    return given


def _climb(rung: Rung, subjects: Sequence[Subject]) -> Iterator[ConformanceRow]:
    if rung.per == "mode":
        for subject in subjects:
            yield from _measure(rung, subject, subject.precision, subject.mode)
    elif rung.per == "precision":
        for subject in {other.precision: other for other in reversed(subjects)}.values():
            yield from _measure(rung, subject, subject.precision, ANY)
    else:
        yield from _measure(rung, subjects[0], ANY, ANY)


def _measure(rung: Rung, subject: Subject, precision: str, mode: str) -> Iterator[ConformanceRow]:
    """Yield the rung's rows; an exception becomes a failed row, so that it does not hide other rungs."""
    found = False
    try:
        for item in rung.rows(subject):
            found, error, bound = True, float(item.error), float(item.bound)
            passed = error <= bound
            yield ConformanceRow(
                rung.name, item.case, precision, mode, error, bound, passed, item.family, item.quantity
            )
    except Exception as exception:
        text = f"raised {type(exception).__name__}: {exception}".splitlines()[0]
        yield ConformanceRow(rung.name, text, precision, mode, math.inf, 0.0, False)
    else:
        if not found:
            yield ConformanceRow(rung.name, "nothing was measured", precision, mode, math.inf, 0.0, False)
