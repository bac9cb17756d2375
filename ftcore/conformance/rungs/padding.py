"""Rung: more padding, or other tokens at padding, changes nothing. Bounds: outputs, gradient."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ftcore.conformance import batches
from ftcore.conformance.bert import CASES, POSITIONS, VOCABULARY
from ftcore.conformance.measure import Measured, relative, worst
from ftcore.conformance.subject import Subject
from ftcore.contract import Batch, Want
from ftcore.contract.seeds import generator


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure logits and gradients against those of transformers at the shortest padding."""
    for case in subject.cases:
        wanted = subject.references[f"{case.name}/logits"]
        changes = {
            "padded to the last position": case.batch(POSITIONS),
            "other tokens as padding": _noise(case.batch()),
        }
        for name, batch in changes.items():
            # The same request as in the rung `forward` needs no second compilation.
            found = subject.bert(case).forward(batch, Want(loss=True, hidden_states=True))
            yield Measured(f"{case.name}, {name}: logits", relative(found.logits, wanted), subject.bounds.outputs)
    if subject.thorough:
        yield from _gradients(subject)


def _gradients(subject: Subject) -> Iterator[Measured]:
    case = CASES[0]
    references = subject.references.under(f"{case.name}/gradient/")
    gradients = subject.bert(case).gradients(batches.step(case.loss, [case.batch(POSITIONS)]))
    kept = references.keys() - case.zero_gradients
    error = worst({key: gradients[key] for key in kept}, {key: references[key] for key in kept})[1]
    yield Measured(f"{case.name}, padded to the last position: gradients", error, subject.bounds.gradient)


def _noise(batch: Batch) -> Batch:
    draws = generator(0, "conformance", "padding")
    shape = batch.inputs["input_ids"].shape
    other = draws.integers(1, VOCABULARY, size=shape).astype(np.int32)
    real = batch.inputs["attention_mask"] == 1
    token_ids = np.where(real, batch.inputs["input_ids"], other)
    return replace(batch, inputs={**batch.inputs, "input_ids": token_ids})
