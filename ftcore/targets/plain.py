"""Defines what targets are if they do not say otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from ftcore.data import Form
from ftcore.inputs import WholeSpec
from ftcore.parts import Problems, SpecPart
from ftcore.targets.base import ClassMetrics, Modes


class PlainTarget:
    """The base of targets: no labels, no classes, no fields of the spec, no generated texts."""

    free_columns: ClassVar[bool] = False
    problem_type: ClassVar[str] = ""
    modes: ClassVar[Modes]
    undefined_if: ClassVar[Mapping[str, str]] = {}
    parts: ClassVar[tuple[type[SpecPart], ...]] = ()
    model_parts: ClassVar[tuple[type[SpecPart], ...]] = ()
    fits_modules: ClassVar[bool] = False
    writes: ClassVar[bool] = False

    @property
    def class_metrics(self) -> ClassMetrics | None:
        """Return None: examples have no classes."""
        return None

    def modes_of(self, loss: str) -> Modes:
        """Return every metric."""
        return self.modes

    def configured(self, data: SpecPart) -> Self:
        """Return the target: no field of the spec decides how rows are read."""
        return self

    def facts(self) -> dict[str, Any]:
        """Return nothing."""
        return {}

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return None: there are no classes to keep in proportion. For the shapes see `Target.strata`."""
        return None

    def check_labels(self, labels: Sequence[str], name: str) -> None:
        """Accept files without labels."""

    def problems(self, spec: WholeSpec) -> Problems:
        """Return nothing."""
        return []

    def stored_form(self, form: Form) -> Form:
        """Return the columns of train's examples."""
        return form
