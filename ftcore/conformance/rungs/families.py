"""Rung: every family against transformers, with the worst variant for each quantity.

Bounds: outputs, gradient, loss; equal bits for a round trip. If transformers computes parts in float32 for any type of
model, float64 has the bounds `FLOAT32_INSIDE`.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from ftcore.conformance import batches, family_folder
from ftcore.conformance.bounds import EXACT, bounds_for
from ftcore.conformance.families import FamilyCases, Variant
from ftcore.conformance.family_references import VariantReferences
from ftcore.conformance.family_steps import LEARNING_RATE, STEPS, WEIGHT_DECAY
from ftcore.conformance.kinds.base import Kind
from ftcore.conformance.measure import Measured
from ftcore.conformance.quantities import (
    ANSWER_SPAN,
    FORWARD,
    GRADIENTS,
    LANGUAGE_MODEL,
    PACKED,
    RAISED,
    ROUND_TRIP,
    STEPS_LOSS,
)
from ftcore.conformance.subject import Subject
from ftcore.contract import Batch, Learner, Want
from ftcore.contract.optimizers import AdamW

OPTIMIZER = AdamW(learning_rate=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
WIDTH = 18
"""Columns of packed rows, each with several texts."""


@dataclass(frozen=True)
class Error:
    """An error with its quantity and the part of a variant that it belongs to."""

    quantity: str
    what: str
    size: float


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure every family of the subject."""
    for cases in subject.families.cases:
        yield from _family(subject, cases)


def bounds_of(cases: FamilyCases, precision: str) -> dict[str, float]:
    """Return the bound of each quantity."""
    bounds = bounds_for(precision, cases.float32_inside)
    return {
        FORWARD: bounds.outputs,
        LANGUAGE_MODEL: bounds.outputs,
        ANSWER_SPAN: bounds.outputs,
        GRADIENTS: bounds.gradient,
        PACKED: bounds.gradient,
        STEPS_LOSS: bounds.loss,
        ROUND_TRIP: EXACT,
        RAISED: EXACT,
    }


def _family(subject: Subject, cases: FamilyCases) -> Iterator[Measured]:
    variants = cases.every()
    errors = [(variant, error) for variant in variants for error in _errors(subject, variant)]
    for quantity, bound in bounds_of(cases, subject.precision).items():
        found = [(variant, error) for variant, error in errors if error.quantity == quantity]
        if found:
            variant, worst = max(found, key=lambda pair: pair[1].size)
            case = f"{cases.family}: {quantity}, worst of {len(variants)} variants: {variant.name}, {worst.what}"
            yield Measured(case, worst.size, bound, cases.family, quantity)


def _errors(subject: Subject, variant: Variant) -> Iterator[Error]:
    """Yield every error of one variant; an exception counts as one, so that it does not hide other variants."""
    try:
        yield from variant_errors(subject, variant)
    except Exception as exception:
        yield Error(RAISED, f"{type(exception).__name__}: {exception}".splitlines()[0], math.inf)


def variant_errors(subject: Subject, variant: Variant) -> Iterator[Error]:
    """Yield every error of one variant."""
    references, network, kind = subject.families.references.of(variant), variant.network(), variant.of_kind
    values = family_folder.values(variant, network)
    learner = subject.build(network, values, kind.loss, OPTIMIZER, decay_exempt=frozenset())
    yield from _forward(references, learner, variant.batch(), kind)
    if network.architecture.packs and kind.packed is not None:
        yield from _packed(references, learner, kind.packed(variant.batch(), WIDTH), kind)
    yield from _training(references, learner, variant)
    differing = family_folder.round_trip(variant, learner, references.names("saved"))
    yield Error(ROUND_TRIP, "tensors that differ", differing)


def _forward(references: VariantReferences, learner: Learner, batch: Batch, kind: Kind) -> Iterator[Error]:
    found = learner.forward(batch, Want(loss=True, hidden_states=True))
    logits = None if found.logits is None else without_padding(batch, found.logits)
    loss = None if found.loss is None else found.loss / kind.loss.weight(batch)
    yield Error(kind.outputs, "logits", references.error("logits", logits))
    yield Error(kind.outputs, "loss", references.error("loss", loss))
    layers = [without_padding(batch, states) for states in found.hidden_states or ()]
    for layer, states in zip_longest(range(len(references.names("hidden_states"))), layers):
        key = f"hidden_states/{layer}"
        yield Error(FORWARD, key, references.error(key, states))


def without_padding(batch: Batch, values: np.ndarray) -> np.ndarray:
    """Return outputs for every token with zeros at padding; other outputs are unchanged.

    Args:
        batch: the batch.
        values: float [rows, length, ...], or any other shape.

    Returns:
        Values of the same shape.
    """
    masks = (mask for name, mask in batch.inputs.items() if name.endswith("attention_mask"))
    mask = next((mask for mask in masks if mask.shape == values.shape[:2]), None)
    return values if mask is None else np.where(mask[..., None] == 1, values, 0.0)


def _packed(references: VariantReferences, learner: Learner, batch: Batch, kind: Kind) -> Iterator[Error]:
    logits = learner.forward(batch, Want()).logits
    yield Error(FORWARD, "logits of packed rows", references.error("logits", logits))
    yield _worst(PACKED, references.gradient_errors(learner.gradients(batches.step(kind.loss, [batch]))))


def _training(references: VariantReferences, learner: Learner, variant: Variant) -> Iterator[Error]:
    losses = []
    for index in range(STEPS):
        step = batches.step(variant.of_kind.loss, [variant.batch(index)], index + 1, LEARNING_RATE)
        losses.append(float(learner.train_step(step).loss))
        if index == 0:
            yield _worst(GRADIENTS, references.gradient_errors(_first_gradients(learner)))
    # NaN exceeds every bound, and must count as the worst.
    errors = np.nan_to_num(
        np.abs(np.asarray(losses) / references.arrays["losses"] - 1.0), nan=math.inf, posinf=math.inf
    )
    yield Error(STEPS_LOSS, f"step {int(errors.argmax()) + 1}", float(errors.max()))


def _first_gradients(learner: Learner) -> dict[str, np.ndarray]:
    """Return the gradients of the first step, from its first moments, which are (1 - beta1) times the gradients.

    Calling `Learner.gradients` would take another compilation, and would not test the step itself.
    """
    slot = "first_moment/"
    moments = {name: value for name, value in learner.optimizer_state().items() if name.startswith(slot)}
    return {name.removeprefix(slot): value / (1.0 - OPTIMIZER.beta1) for name, value in moments.items()}


def _worst(quantity: str, errors: Mapping[str, float]) -> Error:
    name = max(errors, key=errors.__getitem__)
    return Error(quantity, name, errors[name])
