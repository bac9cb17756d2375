"""The gradient of every parameter of tiny BERT models against transformers. Bound: gradient."""

from collections.abc import Iterator, Mapping

import numpy as np

from ftcore.conformance import batches
from ftcore.conformance.bert import CASES
from ftcore.conformance.measure import Measured, absolute, relative, worst
from ftcore.conformance.subject import Subject
from ftcore.optimizers.clipping import global_norm


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure the worst parameter of every case, and the norm that a training step reports."""
    for case in CASES:
        learner = subject.build(case.network(), case.tensors, case.loss)
        step = batches.step(case.loss, [case.batch()])
        found, wanted = learner.gradients(step), subject.references.under(f"{case.name}/gradient/")
        zero = case.zero_gradients
        name, error = worst(_without(found, zero), _without(wanted, zero))
        bound = subject.bounds.gradient
        yield Measured(f"{case.name}: worst of {len(wanted) - len(zero)}, {name}", error, bound)
        noise = max(absolute(found[key], wanted[key]) for key in zero)
        yield Measured(f"{case.name}: key biases, zero in exact arithmetic, absolute", noise, bound)
        norm = float(learner.train_step(step).grad_norm)
        yield Measured(f"{case.name}: norm of a training step", relative(norm, global_norm(wanted)), bound)


def _without(gradients: Mapping[str, np.ndarray], names: frozenset[str]) -> dict[str, np.ndarray]:
    return {name: value for name, value in gradients.items() if name not in names}
