"""Configs drawn at random within each family's options, on every backend against plain transformers in float64."""

import os
from dataclasses import replace

import pytest
from ftcore_references.families import compute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftcore.conformance.families import FAMILY_CASES, FamilyCases, Variant
from ftcore.conformance.family_references import FamilyReferences, whole
from ftcore.conformance.rungs.families import bounds_of, variant_errors
from ftcore.conformance.subject import MeasuredFamilies, Subject
from ftcore.conformance.suite import NO_BERT
from ftcore.contract import discovery as backends

PRECISION, DRAWN = "float64", "drawn"
EXAMPLES = {"torch": 30, "tf": 5}
"""A network takes TensorFlow three seconds to compile."""


@st.composite
def variants(draw: st.DrawFn) -> tuple[FamilyCases, Variant]:
    cases = FAMILY_CASES[draw(st.sampled_from(sorted(FAMILY_CASES)))]
    chosen = [draw(st.sampled_from(alternatives)) for alternatives in cases.options]
    fields = {field: value for fields in chosen for field, value in fields.items()}
    head = draw(st.sampled_from([None, *cases.other_names]))
    return cases, cases.variant(DRAWN, fields) if head is None else cases.other_head(head, fields)


@pytest.mark.slow
@pytest.mark.parametrize("name", backends.names())
def test_any_config_within_the_options_is_transformers(name: str) -> None:
    @settings(
        max_examples=EXAMPLES[name],
        deadline=None,
        derandomize="CI" in os.environ,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(variants())
    def check(drawn: tuple[FamilyCases, Variant]) -> None:
        assert beyond(name, *drawn) == []

    check()


def beyond(name: str, cases: FamilyCases, variant: Variant) -> list[object]:
    """Return the errors that are out of bounds."""
    backend = backends.load(name)
    arrays = {f"{cases.family}/{variant.name}/{key}": value for key, value in compute(variant).items()}
    mode, options = next(iter(backend.info().step_modes.items()))
    measured = MeasuredFamilies([cases], FamilyReferences("this process", arrays, whole))
    subject = Subject(backend, "cpu", PRECISION, mode, options, NO_BERT, families=measured)
    errors = list(variant_errors(subject, variant))
    assert {error.quantity for error in errors} >= {"forward", "gradients", "ten steps", "round trip"}
    bounds = bounds_of(cases, PRECISION)
    return [error for error in errors if not error.size <= bounds[error.quantity]]


@pytest.mark.parametrize(
    ("right", "fault", "quantities"),
    [
        (FAMILY_CASES["bert"].variant(DRAWN, {}), {"hidden_act": "relu"}, {"forward", "packed"}),
        (FAMILY_CASES["gpt2"].other_head("language model"), {"n_head": 1}, {"forward", "language model"}),
        (FAMILY_CASES["gemma2"].other_head("language model"), {"final_logit_softcapping": 0.4}, {"language model"}),
        (FAMILY_CASES["t5"].variant(DRAWN, {}), {"relative_attention_max_distance": 4}, {"forward", "language model"}),
        (FAMILY_CASES["mbart"].variant(DRAWN, {}), {"scale_embedding": False}, {"forward", "language model"}),
        (FAMILY_CASES["resnet"].variant(DRAWN, {}), {"downsample_in_bottleneck": True}, {"forward"}),
    ],
    ids=lambda given: given.family if isinstance(given, Variant) else None,
)
def test_a_fault_of_one_option_is_found(right: Variant, fault: dict[str, object], quantities: set[str]) -> None:
    wrong = replace(right, config={**right.config, **fault})
    arrays = {f"{right.family}/{right.name}/{key}": value for key, value in compute(right).items()}
    measured = MeasuredFamilies([FAMILY_CASES[right.family]], FamilyReferences("this process", arrays, whole))
    subject = Subject(backends.load("torch"), "cpu", PRECISION, "", {}, NO_BERT, families=measured)
    found = {error.quantity for error in variant_errors(subject, wrong) if error.size > 1e-4}
    assert found == {*quantities, "gradients", "ten steps"}
