"""Rung: micro-batches give the same result as the whole batch, for any split. Bounds: loss, gradient, outputs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ftcore.conformance import batches, linear
from ftcore.conformance.bert import CASES, POSITIONS
from ftcore.conformance.measure import Measured, relative, worst
from ftcore.conformance.subject import Subject
from ftcore.contract import Batch
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.optimizers import SGD
from ftcore.contract.seeds import generator

SIZE, OUTPUTS = 4, 3
LOSS = CrossEntropy(class_weights=(0.5, 1.0, 3.0))
WEIGHTS = np.asarray([1.0, 0.5, 2.0, 0.0, 1.0, 4.0, 0.25], dtype=np.float32)
CUTS = {
    "7": (7,),
    "4 + 3": (4, 3),
    "3 + 1 (of weight zero) + 3": (3, 1, 3),
}


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure a weighted linear case against NumPy, and a tiny BERT with other padding against transformers."""
    network = linear.network(SIZE, OUTPUTS)
    parameters = linear.parameters(network, "accumulation")
    learner = subject.build(network, parameters, LOSS, SGD(), clip_norm=0.1, decay_exempt=frozenset())
    for name, sizes in CUTS.items():
        reference = linear.Reference(LOSS, SGD(), parameters, 0.1)
        step = batches.step(LOSS, _cut(_batch(subject), sizes))
        learner.load_tensors(parameters)
        wanted = reference.gradients(step)[1]
        found = learner.gradients(step)
        yield Measured(f"{name}: gradients", worst(found, wanted)[1], subject.bounds.gradient)
        loss, norm = reference.train_step(step)
        result = learner.train_step(step)
        yield Measured(f"{name}: loss", relative(result.loss, loss), subject.bounds.loss)
        yield Measured(f"{name}: norm", relative(result.grad_norm, norm), subject.bounds.gradient)
        error = worst(learner.tensors(), reference.parameters)[1]
        yield Measured(f"{name}: parameters after a clipped step", error, subject.bounds.outputs)
    if subject.thorough:
        yield from _bert(subject)


def _bert(subject: Subject) -> Iterator[Measured]:
    """Measure the gradient of micro-batches that are padded to different lengths."""
    case = CASES[0]
    parts = [_cut(case.batch(), (4, 2))[0], _cut(case.batch(POSITIONS), (4, 2))[1]]
    found = subject.bert(case).gradients(batches.step(case.loss, parts))
    wanted = subject.references.under(f"{case.name}/gradient/")
    kept = wanted.keys() - case.zero_gradients
    error = worst({name: found[name] for name in kept}, {name: wanted[name] for name in kept})[1]
    yield Measured(f"{case.name}, 4 + 2 at two paddings: gradients", error, subject.bounds.gradient)


def _batch(subject: Subject) -> Batch:
    draws = generator(0, "conformance", "accumulation")
    values = draws.standard_normal((len(WEIGHTS), SIZE)).astype(np.float32)
    return subject.features(values, draws.integers(0, OUTPUTS, size=len(WEIGHTS)).astype(np.int32), WEIGHTS)


def _cut(batch: Batch, sizes: Sequence[int]) -> list[Batch]:
    """Return the batch in parts of these sizes, in order."""
    ends = np.cumsum(sizes)
    return [_part(batch, slice(end - size, end)) for size, end in zip(sizes, ends, strict=True)]


def _part(batch: Batch, place: slice) -> Batch:
    return replace(
        batch,
        inputs={name: value[place] for name, value in batch.inputs.items()},
        targets={name: value[place] for name, value in batch.targets.items()},
        weights=batch.weights[place],
        example_ids=batch.example_ids[place],
    )
