"""The families' cases and references: complete, small, and stored as what plain transformers gives."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ftcore.conformance import array_file, table
from ftcore.conformance.bounds import BOUNDS, FLOAT32_INSIDE
from ftcore.conformance.families import FAMILY_CASES
from ftcore.conformance.family_references import NOISE, FamilyReferences, VariantReferences, sketch, whole
from ftcore.conformance.family_sources import STORED, compute, reference_module, stored
from ftcore.conformance.kinds.encoder_decoder import ENCODER_DECODER
from ftcore.conformance.kinds.language_model import LANGUAGE_MODEL
from ftcore.conformance.kinds.text_classifier import TEXT_CLASSIFIER
from ftcore.conformance.report import ConformanceRow
from ftcore.conformance.rungs import families
from ftcore.conformance.subject import MeasuredFamilies, Subject
from ftcore.conformance.suite import NO_BERT
from ftcore.contract import discovery as backends
from ftcore.models import FAMILIES, LANGUAGE_MODELS

EVERY = [variant for cases in FAMILY_CASES.values() for variant in cases.every()]


def measured(names, references):
    cases = [FAMILY_CASES[name] for name in names]
    measured = MeasuredFamilies(cases, references)
    subject = Subject(backends.load("torch"), "cpu", "float64", "", {}, NO_BERT, families=measured)
    return list(families.rows(subject))


def test_every_family_has_cases_and_stored_references() -> None:
    of_transformers = {name for name, family in FAMILIES.items() if family.body_class} | LANGUAGE_MODELS.keys()
    assert FAMILY_CASES.keys() == of_transformers
    assert {file.stem for file in STORED.glob("*.npz")} == of_transformers
    assert sum(file.stat().st_size for file in STORED.glob("*.npz")) <= 300_000
    origin = stored(list(FAMILY_CASES)).origin
    assert "transformers 5" in origin
    assert ";" not in origin, "of one version"


def test_variants_are_unlike_and_fully_stored() -> None:
    for cases in FAMILY_CASES.values():
        configs = [(variant.kind, variant.config) for variant in cases.every()]
        assert all(one not in configs[:index] for index, one in enumerate(configs)), cases.family
    references = stored(list(FAMILY_CASES))
    assert all(references.of(variant).names("gradient") for variant in EVERY)
    assert {key.rpartition("/")[0].split("/")[0] for key in references.arrays} == FAMILY_CASES.keys()


def test_texts_have_no_padding_token_and_types_of_the_table() -> None:
    for variant in (one for one in EVERY if one.of_kind in (TEXT_CLASSIFIER, LANGUAGE_MODEL)):
        inputs = variant.batch().inputs
        real, padding = inputs["attention_mask"] == 1, variant.config["pad_token_id"]
        assert ((inputs["input_ids"] == padding) == ~real).all()
        assert inputs["input_ids"].max() < variant.config["vocab_size"]
        types = variant.config.get("type_vocab_size") or 0
        assert inputs["token_type_ids"].max() == max(min(types, 2) - 1, 0)


def test_labels_are_the_next_tokens() -> None:
    for variant in EVERY:
        batch = variant.batch(3)
        inputs, labels, counted = batch.inputs, batch.targets["labels"], batch.weights > 0
        if variant.of_kind is LANGUAGE_MODEL:
            assert (counted[:, :-1] == (inputs["attention_mask"][:, 1:] == 1)).all()
            assert (labels[counted] == inputs["input_ids"][:, 1:][counted[:, :-1]]).all()
        elif variant.of_kind is ENCODER_DECODER:
            assert (counted == (inputs["decoder_attention_mask"] == 1)).all()
            assert (inputs["decoder_input_ids"][:, 0] == variant.config["decoder_start_token_id"]).all()
            assert (inputs["decoder_input_ids"][:, 1:] == labels[:, :-1])[counted[:, 1:]].all()
            assert inputs["attention_mask"].shape[1] != inputs["decoder_attention_mask"].shape[1]


@pytest.mark.slow
def test_the_stored_references_are_what_plain_transformers_gives() -> None:
    found, kept = compute(reference_module(), EVERY)[0], stored(list(FAMILY_CASES))
    assert found.keys() == kept.arrays.keys()
    references = FamilyReferences("stored", kept.arrays, sketch)
    for variant in EVERY:
        of, prefix = references.of(variant), f"{variant.family}/{variant.name}/"
        bound = 1e-5 if FAMILY_CASES[variant.family].float32_inside else 1e-10
        mine = {key.removeprefix(prefix): value for key, value in found.items() if key.startswith(prefix)}
        gradients = {name: mine[f"gradient/{name}"] for name in of.names("gradient")}
        assert max(of.gradient_errors(gradients).values()) <= bound, variant
        assert max(of.error(key, mine[key]) for key in mine if not key.startswith("gradient/")) <= bound, variant


@pytest.mark.parametrize(
    ("name", "quantities"),
    [
        ("roberta", ["forward", "answer span", "gradients", "packed", "ten steps", "round trip"]),
        ("gpt2", ["forward", "language model", "gradients", "packed", "ten steps", "round trip"]),
        ("bart", ["forward", "language model", "gradients", "ten steps", "round trip"]),
        ("resnet", ["forward", "gradients", "ten steps", "round trip"]),
    ],
)
def test_the_stored_references_are_enough(name, quantities) -> None:
    rows = measured([name], stored([name]))
    assert [row for row in rows if not row.error <= row.bound] == []
    assert [row.quantity for row in rows] == quantities


def test_a_sketch_shows_an_error_as_large_as_it_is() -> None:
    draws = np.random.default_rng(0)
    values = {str(number): draws.standard_normal((30, 7)) for number in range(50)}
    references = VariantReferences({key: sketch(key, value) for key, value in values.items()}, sketch)
    for key, value in values.items():
        assert 1e-7 < references.error(key, value + 1e-6 * draws.standard_normal((30, 7))) < 1e-5
        assert references.error(key, value) == 0.0


def test_gradients_that_are_zero_are_compared_absolutely_and_names_are_held() -> None:
    arrays = {"gradient/a": np.ones(4), "gradient/zero": np.full(4, NOISE / 10)}
    references = VariantReferences(arrays, whole)
    errors = references.gradient_errors({"a": np.ones(4) * 1.5, "zero": np.full(4, -NOISE), "more": np.zeros(1)})
    assert errors == {"a": 0.5, "zero": pytest.approx(2.2e-12), "more": math.inf}
    assert references.gradient_errors({"a": np.ones(4)})["zero"] == math.inf


def test_references_that_are_not_there_are_a_failed_row_that_says_what_to_do() -> None:
    (row, *rows) = measured(["bert", "roberta"], stored(["roberta"]))
    assert row.case.startswith("bert: raised, worst of 6 variants: base, BackendError: ")
    assert "no references for bert, 'base': install a backend that is built on transformers" in row.case
    assert (row.error, row.family) == (math.inf, "bert")
    assert {other.family for other in rows} == {"roberta"}


def test_wider_bounds_are_of_families_that_transformers_computes_in_float32_and_of_float64_alone() -> None:
    cases = FAMILY_CASES["llama"]
    assert families.bounds_of(cases, "float64")["gradients"] == FLOAT32_INSIDE.gradient
    assert families.bounds_of(cases, "float32")["gradients"] == BOUNDS["float32"].gradient
    assert families.bounds_of(FAMILY_CASES["bert"], "float64")["forward"] == BOUNDS["float64"].outputs


def test_a_variant_that_fails_hides_no_other() -> None:
    references = stored(["roberta"])
    kept = {key: value for key, value in references.arrays.items() if key.startswith("roberta/base/")}
    rows = measured(["roberta"], replace(references, arrays=kept))
    assert [row.quantity for row in rows if not row.error <= row.bound] == ["raised"]
    assert len(rows) == 6


def row(family, quantity, precision, error, bound) -> ConformanceRow:
    return ConformanceRow("families", "case", precision, "any", error, bound, error <= bound, family, quantity)


def test_the_table_has_one_line_a_family() -> None:
    rows = [
        ConformanceRow("forward", "case", "float32", "any", 1.0, 0.0, False),
        row("bert", "forward", "float32", 2.4e-7, 1e-5),
        row("bert", "forward", "float64", 3e-9, 1e-10),
        row("electra", "round trip", "float64", 2, 0.0),
        row("bert", "round trip", "float32", 0.0, 0.0),
        row("roberta", "raised", "float64", math.inf, 0.0),
        row("distilbert", "ten steps", "float64", math.inf, 1e-8),
        row("distilbert", "packed", "float64", 1e-15, 1e-9),
    ]
    absent = ["-"] * 12
    assert table.family_lines(rows) == [
        ["bert", "6", "2e-07", "3e-09 > 1e-10", *absent[:10], "same bits", "FAILED"],
        ["electra", "4", *absent, "2 differ", "FAILED"],
        ["roberta", "3", *absent, "-", "FAILED"],
        ["distilbert", "3", *absent[:9], "1e-15", "-", "none > 1e-08", "-", "FAILED"],
    ]


def test_arrays_and_versions_read_back(tmp_path) -> None:
    arrays = {"a/b": np.arange(6.0).reshape(2, 3), "scalar": np.asarray(0.1), "empty": np.zeros((0, 2))}
    array_file.write(tmp_path / "x.npz", arrays, "numpy 2")
    found, versions = array_file.read(tmp_path / "x.npz")
    assert versions == "numpy 2"
    assert found.keys() == arrays.keys()
    for name, value in arrays.items():
        np.testing.assert_array_equal(found[name], value, strict=True)
