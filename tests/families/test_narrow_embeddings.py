"""Embeddings that are narrower than the rest are computed in every precision, alike on every backend."""

import numpy as np
import pytest

from ftcore.conformance import batches
from ftcore.conformance.families import FAMILY_CASES, Variant
from ftcore.conformance.measure import relative
from ftcore.contract import Learner, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.network import Transformer
from ftcore.contract.optimizers import SGD

BOUND = {"bfloat16": 0.03, "float16": 0.004}
"""A few roundings of 8 or 11 bits, relative to the logits."""


def narrow(variant: Variant) -> bool:
    body = variant.network().architecture.body
    return isinstance(body, Transformer) and body.embedding is not None


VARIANTS = [variant for cases in FAMILY_CASES.values() for variant in cases.every() if narrow(variant)]


def build(variant: Variant, backend: str, precision: str) -> Learner:
    network = variant.network()
    program = Program(network, variant.of_kind.loss, SGD(), precision=precision, decay_exempt=frozenset(), seed=4)
    learner = backends.load(backend).build(program, "cpu")
    stored = "float64" if precision == "float64" else "float32"
    values = {one.name: variant.value(one.name, one.shape).astype(stored) for one in network.tensors}
    learner.load_tensors(values)
    return learner


CASES = [
    pytest.param(
        variant,
        precision,
        id=f"{variant.family}, {variant.name}, {precision}",
        marks=() if (variant, precision) == (VARIANTS[0], "bfloat16") else (pytest.mark.slow,),
    )
    for variant in VARIANTS
    for precision in BOUND
]


@pytest.mark.parametrize(("variant", "precision"), CASES)
def test_a_rounded_precision_is_close_to_float64_on_every_backend(variant: Variant, precision: str) -> None:
    given = variant.batch()
    exact = build(variant, "torch", "float64").forward(given, Want(logits=True)).logits
    for backend in backends.names():
        learner = build(variant, backend, precision)
        found = learner.forward(given, Want(logits=True))
        assert relative(found.logits, exact) <= BOUND[precision]
        step = learner.train_step(batches.step(variant.of_kind.loss, [given]))
        assert np.isfinite(step.loss)
