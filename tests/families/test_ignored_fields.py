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
def test_no_field_of_a_variant_is_ignored(name: str) -> None:
    for variant in FAMILY_CASES[name].every():
        ignored = ignored_fields({"model_type": name, **variant.config}, FAMILIES[name])
        # Where a list says which blocks have rotary positions, the interval says nothing; nor do buckets of nothing.
        assert ignored in ([], ["no_rope_layer_interval"], ["position_buckets", "share_att_key"]), variant


def test_ignored_fields_are_a_note(tmp_path: Path) -> None:
    plan = plan_model(ModelSpec(pretrained=str(checkpoints.write("llama", tmp_path))), 3, "joint", 0, Path())
    (note,) = (note for note in plan.notes if "change nothing" in note)
    assert note.startswith("fields of config.json that change nothing here: ")
    assert "use_cache" in note
    assert "hidden_size" not in note
