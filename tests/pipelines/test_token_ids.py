"""Token ids in a model's files that lie beyond its vocabulary are refused by the name of their field."""

import json
from pathlib import Path

import fine_tuned
import pytest

from ftcore.errors import ModelError
from ftcore.models import LANGUAGE_MODELS


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("t5", "decoder_start_token_id", 999),
        ("bart", "forced_bos_token_id", 999),
        ("bart", "forced_eos_token_id", [2, 999]),
        ("bart", "suppress_tokens", [999]),
        ("bart", "begin_suppress_tokens", [999]),
        ("t5", "bad_words_ids", [[5, 999]]),
    ],
)
def test_an_id_beyond_the_vocabulary(name: str, field: str, value: object, tmp_path: Path) -> None:
    folder = fine_tuned.write_model(tmp_path / "model", name, LANGUAGE_MODELS[name].language_model_class, "pads")
    path = folder / "generation_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    rows = [{"source": text, "target": "dog"} for text in fine_tuned.TRAINED]
    with pytest.raises(ModelError) as error:
        fine_tuned.fine_tuned(tmp_path, "summarization", rows)
    assert str(error.value) == (
        f"{folder}: {field} has 999, but must have ids from 0 to 39 (config.json, generation_config.json)"
    )
