"""The conformance suite that every backend must pass."""

from typing import TYPE_CHECKING

from ftcore.helpers import lazy_names

if TYPE_CHECKING:
    from ftcore.conformance import array_file, batches, family_steps, table
    from ftcore.conformance.bounds import BOUNDS, Bounds, bounds_for
    from ftcore.conformance.measure import absolute, relative
    from ftcore.conformance.report import ConformanceRow, Report
    from ftcore.conformance.rungs.signatures import learner_differences
    from ftcore.conformance.suite import named_rungs, run_families, run_suite

__all__ = [
    "BOUNDS",
    "Bounds",
    "ConformanceRow",
    "Report",
    "absolute",
    "array_file",
    "batches",
    "bounds_for",
    "family_steps",
    "learner_differences",
    "named_rungs",
    "relative",
    "run_families",
    "run_suite",
    "table",
]

# A name is imported when it is first used: importing one module of this package must not import them all.
__getattr__ = lazy_names(
    __name__,
    {
        "bounds": (
            "BOUNDS",
            "Bounds",
            "bounds_for",
        ),
        "measure": (
            "absolute",
            "relative",
        ),
        "report": (
            "ConformanceRow",
            "Report",
        ),
        "rungs.signatures": ("learner_differences",),
        "suite": (
            "named_rungs",
            "run_families",
            "run_suite",
        ),
    },
)
