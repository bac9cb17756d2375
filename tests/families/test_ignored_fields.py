"""Fields of a config that change nothing are named, and none that a family's variants change is among them."""

from pathlib import Path
from typing import Any

import checkpoints
import pytest

from ftcore.conformance.families import FAMILY_CASES, Variant
from ftcore.conformance.kinds import IMAGE_CLASSIFIER, QUESTION_ANSWERING, TEXT_CLASSIFIER
from ftcore.contract.network import TokenHead
from ftcore.models import (
    FAMILIES,
    LANGUAGE_MODELS,
    AnyModelSpec,
    LanguageModelHead,
    SequenceHead,
    plan_language_model,
    plan_model,
)
from ftcore.models.heads import AnswerSpanHead


def ignored(variant: Variant, config: dict[str, Any]) -> list[str]:
    heads = {TEXT_CLASSIFIER: SequenceHead(3), IMAGE_CLASSIFIER: SequenceHead(3), QUESTION_ANSWERING: AnswerSpanHead()}
    return heads.get(variant.of_kind, LanguageModelHead()).ignored_fields(config)


def described(variant: Variant, config: dict[str, Any]) -> tuple[object, object]:
    """Return body and head as the family reads them from the config alone."""
    if variant.of_kind is QUESTION_ANSWERING:
        architecture = FAMILIES[variant.family].architecture(config, None)
        return architecture.body, AnswerSpanHead().any_head(architecture)
    if isinstance(variant.network().head, TokenHead):
        model = LANGUAGE_MODELS[variant.family]
        architecture = model.architecture(config, None)
        return architecture.body, model.token_head(architecture, model.is_tied(config))
    family = FAMILIES[variant.family]
    architecture = family.architecture(config, None)
    return architecture.body, family.head(architecture, 3, family.pooling, "joint")


@pytest.mark.parametrize("name", checkpoints.NAMES)
def test_what_a_variant_ignores_changes_nothing(name: str) -> None:
    for variant in FAMILY_CASES[name].every():
        config = variant.whole_config
        for field in ignored(variant, config):
            without = {key: value for key, value in config.items() if key != field}
            assert described(variant, without) == described(variant, config), (variant, field)
        assert "a_field_of_tomorrow" in ignored(variant, {**config, "a_field_of_tomorrow": 1})


def check(notes: tuple[str, ...]) -> None:
    (note,) = (note for note in notes if "change nothing" in note)
    assert note.startswith("fields of config.json that change nothing here: ")
    assert "use_cache" in note
    assert "hidden_size" not in note


def test_ignored_fields_are_a_note(tmp_path: Path) -> None:
    spec = AnyModelSpec(pretrained=str(checkpoints.write("llama", tmp_path)))
    check(plan_model(spec, SequenceHead(3), 0, Path()).notes)


def test_ignored_fields_of_a_language_model_are_a_note(tmp_path: Path) -> None:
    (variant,) = (one for one in FAMILY_CASES["llama"].every() if one.name == "language model")
    checkpoints.build_variant(variant).save_pretrained(tmp_path)
    check(plan_language_model(tmp_path).notes)
