"""What each loss is measured with: every module here has its CASES, so that a new loss needs no edit of another."""

import pkgutil
from importlib import import_module

from ftcore.conformance.loss_cases.base import LossCase

LOSS_CASES: tuple[LossCase, ...] = tuple(
    case
    for module in sorted(found.name for found in pkgutil.iter_modules(__path__))
    for case in getattr(import_module(f"{__name__}.{module}"), "CASES", ())
)

__all__ = ["LOSS_CASES", "LossCase"]
