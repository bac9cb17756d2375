"""Fields of a config that change nothing are named, and none that a family's variants change is among them."""

from pathlib import Path

import checkpoints
import pytest

from ftcore.conformance.families import FAMILY_CASES
from ftcore.models.config import ignored_fields
from ftcore.models.families import FAMILIES
from ftcore.models.plan import plan_model
from ftcore.spec.model import ModelSpec


@pytest.mark.parametrize("name", checkpoints.NAMES)
def test_what_a_variant_ignores_changes_nothing(name: str) -> None:
    family = FAMILIES[name]
    for variant in FAMILY_CASES[name].every():
        config = {"model_type": name, **variant.config}
        for field in ignored_fields(config, family):
            without = {key: value for key, value in config.items() if key != field}
            assert family.architecture(without, None).body == family.architecture(config, None).body, (variant, field)
        assert ignored_fields({**config, "a_field_of_tomorrow": 1}, family) != ignored_fields(config, family)


def test_ignored_fields_are_a_note(tmp_path: Path) -> None:
    plan = plan_model(ModelSpec(pretrained=str(checkpoints.write("llama", tmp_path))), 3, "joint", 0, Path())
    (note,) = (note for note in plan.notes if "change nothing" in note)
    assert note.startswith("fields of config.json that change nothing here: ")
    assert "use_cache" in note
    assert "hidden_size" not in note
