"""Checkpoints of language models are read whole, and results load in transformers as they were."""

from pathlib import Path
from typing import Any

import checkpoints
import pytest
import torch
from safetensors.numpy import load_file

from ftcore.conformance.families import FAMILY_CASES, Variant
from ftcore.conformance.kinds import ENCODER_DECODER, LANGUAGE_MODEL
from ftcore.models import plan_language_model
from tests import tiny
from tests.results import write_language_model

VARIANTS = [
    variant
    for name in checkpoints.NAMES
    for variant in FAMILY_CASES[name].every()
    if variant.of_kind in (LANGUAGE_MODEL, ENCODER_DECODER)
]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: f"{variant.family}, {variant.name}")
def test_a_language_model_goes_to_a_folder_and_back(variant: Variant, tmp_path: Path) -> None:
    original = checkpoints.build_variant(variant)
    original.save_pretrained(tmp_path / "model")
    tiny.write_tokenizer(tmp_path / "model")
    plan = plan_language_model(tmp_path / "model")
    assert write_language_model(tmp_path / "result", plan, plan.tensors, None) == []
    model, information = type(original).from_pretrained(tmp_path / "result", output_loading_info=True)
    assert not any(information[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    for key, value in original.state_dict().items():
        torch.testing.assert_close(model.state_dict()[key], value, rtol=0, atol=0)
    assert is_tied(model) == is_tied(original) == plan.network.head.tied
    stored = [load_file(tmp_path / folder / "model.safetensors") for folder in ("model", "result")]
    assert {key: value.shape for key, value in stored[0].items()} == {
        key: value.shape for key, value in stored[1].items()
    }
    again = plan_language_model(tmp_path / "result")
    assert (again.network.tensors, again.network.head) == (plan.network.tensors, plan.network.head)


def is_tied(model: Any) -> bool:
    part = model.get_decoder() if model.config.is_encoder_decoder else model
    return model.get_output_embeddings().weight is part.get_input_embeddings().weight
