"""Rung: packed sequences give the same results as single ones, also with dropout. Bounds: outputs, loss, gradient."""

from collections.abc import Iterator

from ftcore.conformance import batches
from ftcore.conformance.bert import CURVE, POSITIONS, BertCase
from ftcore.conformance.learners import twins
from ftcore.conformance.measure import Measured, relative, worst
from ftcore.conformance.subject import Subject
from ftcore.contract import Want

WIDTH = POSITIONS + 2
"""Longer than any sequence, as rows of a run can be."""


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure packed batches against transformers on padded ones, and a step with dropout against a padded step."""
    yield from _outputs(subject, subject.cases[0])
    for case in subject.cases:
        # Wrong logits would give wrong gradients too, and compiling both takes twice as long.
        yield from _gradients(subject, case)
    if subject.thorough:
        yield from _dropout(subject)


def _outputs(subject: Subject, case: BertCase) -> Iterator[Measured]:
    found = subject.bert(case).forward(batches.packed(case.batch(), WIDTH), Want(loss=True))
    logits, loss = (subject.references[f"{case.name}/{key}"] for key in ("logits", "loss"))
    yield Measured(f"{case.name}: logits", relative(found.logits, logits), subject.bounds.outputs)
    yield Measured(f"{case.name}: loss", relative(found.loss, loss), subject.bounds.loss)


def _gradients(subject: Subject, case: BertCase) -> Iterator[Measured]:
    wanted = subject.references.under(f"{case.name}/gradient/")
    step = batches.step(case.loss, [batches.packed(case.batch(), WIDTH)])
    found = subject.bert(case).gradients(step)
    kept = wanted.keys() - case.zero_gradients
    name, error = worst({key: found[key] for key in kept}, {key: wanted[key] for key in kept})
    yield Measured(f"{case.name}: gradients, worst of {len(kept)}, {name}", error, subject.bounds.gradient)


def _dropout(subject: Subject) -> Iterator[Measured]:
    padded = CURVE.batch()
    pairs = zip(twins(subject), (padded, batches.packed(padded, WIDTH)), strict=True)
    wanted, found = (learner.train_step(batches.step(CURVE.loss, [batch])) for learner, batch in pairs)
    yield Measured("with dropout: loss of a step", relative(found.loss, wanted.loss), subject.bounds.loss)
    error = relative(found.grad_norm, wanted.grad_norm)
    yield Measured("with dropout: gradient norm of a step", error, subject.bounds.gradient)
