"""Rung: the gradient of every parameter of tiny BERT models against transformers. Bound: gradient."""

from collections.abc import Iterator, Mapping

import numpy as np

from ftcore.conformance import batches
from ftcore.conformance.measure import Measured, absolute, worst
from ftcore.conformance.subject import Subject


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure the worst parameter of every case."""
    for case in subject.cases:
        found = subject.bert(case).gradients(batches.step(case.loss, [case.batch()]))
        wanted, zero = subject.references.under(f"{case.name}/gradient/"), case.zero_gradients
        name, error = worst(_without(found, zero), _without(wanted, zero))
        bound = subject.bounds.gradient
        yield Measured(f"{case.name}: worst of {len(wanted) - len(zero)}, {name}", error, bound)
        noise = max(absolute(found[key], wanted[key]) for key in zero)
        yield Measured(f"{case.name}: key biases, zero in exact arithmetic, absolute", noise, bound)


def _without(gradients: Mapping[str, np.ndarray], names: frozenset[str]) -> dict[str, np.ndarray]:
    return {name: value for name, value in gradients.items() if name not in names}
