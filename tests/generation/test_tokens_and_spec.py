"""What a model's files and a spec say about writing, and what is refused."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import writers
from pydantic import ValidationError

from ftcore.conformance.families import FAMILY_CASES
from ftcore.contract import discovery as backends
from ftcore.errors import BackendError, DataError, FtcoreError, ModelError, SpecError
from ftcore.generation import GenerationSettings, GenerationSpec, GenerationTokens, generate, generation_tokens
from ftcore.models.generation_config import generation_config
from tests.results import write_language_model

SETTINGS = GenerationSettings(max_new_tokens=4)


def written(folder: Path, name: str, fields: dict[str, Any]) -> Path:
    (folder / name).write_text(json.dumps(fields))
    return folder


def read(folder: Path) -> GenerationTokens:
    """Return what a folder of a model that generates says."""
    config = json.loads((folder / "config.json").read_text()) if (folder / "config.json").is_file() else {}
    architecture = SimpleNamespace(generates=True, config=config)
    return generation_tokens(folder / "generation_config.json", generation_config(architecture, folder))


def test_the_generation_config_goes_before_the_config(tmp_path: Path) -> None:
    written(tmp_path, "config.json", {"eos_token_id": 9, "decoder_start_token_id": 8})
    assert read(tmp_path) == GenerationTokens(stop=(9,), start=8)
    fields = {
        "eos_token_id": [2, 7],
        "bos_token_id": 1,
        "forced_bos_token_id": 5,
        "forced_eos_token_id": 2,
        "suppress_tokens": [3],
        "begin_suppress_tokens": [4, 6],
        "bad_words_ids": [[11], [7], [12, 13]],
        "num_beams": 6,
    }
    found = read(written(tmp_path, "generation_config.json", fields))
    assert found == GenerationTokens(
        stop=(2, 7),
        start=1,
        forced_first=5,
        forced_last=(2,),
        suppressed=(3,),
        suppressed_first=(4, 6),
        forbidden=((11,), (12, 13)),
    )


def test_a_decoder_within_the_config_says_what_the_whole_does_not(tmp_path: Path) -> None:
    fields = {"eos_token_id": None, "decoder_start_token_id": 4, "decoder": {"eos_token_id": 3, "bos_token_id": 2}}
    assert read(written(tmp_path, "config.json", fields)) == GenerationTokens(stop=(3,), start=4)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"eos_token_id": "</s>"}, "eos_token_id holds .*must hold token ids"),
        ({"eos_token_id": [1, -1]}, "eos_token_id holds .*must hold token ids"),
        ({"forced_bos_token_id": [1, 2]}, r"forced_bos_token_id is \[1, 2\], but must be one token id"),
        ({"bad_words_ids": 7}, "bad_words_ids is 7, but must be a list of lists"),
        ({"bad_words_ids": [7]}, "bad_words_ids holds 7, but must hold token ids"),
    ],
)
def test_a_damaged_field_is_named_with_its_file(fields: dict[str, Any], error: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"generation_config\.json: {error}"):
        read(written(tmp_path, "generation_config.json", fields))


def test_the_generation_config_is_kept_with_a_result(tmp_path: Path) -> None:
    writer = writers.Writer("marian", tmp_path / "given")
    write_language_model(tmp_path / "result", writer.plan, writer.plan.tensors, None)
    assert read(tmp_path / "result") == writer.tokens != GenerationTokens()


def test_stop_tokens_are_named() -> None:
    ids = {"<end>": 5, "<stop>": 2}
    tokens = GenerationTokens(stop=(2,))
    assert tokens.stopping_at(["<end>", "<stop>"], ids.get).stop == (2, 5)
    with pytest.raises(SpecError, match=r"generation\.stop_tokens: the tokenizer has no token '<nd>'"):
        tokens.stopping_at(["<end>", "<nd>"], ids.get)


def test_a_spec_gives_settings() -> None:
    spec = GenerationSpec(method="beam", beams=6, early_stopping="never", length_penalty=2, stop_tokens=["<end>"])
    assert spec.settings() == GenerationSettings("beam", beams=6, early_stopping="never", length_penalty=2.0)
    assert GenerationSpec().settings() == GenerationSettings()
    assert GenerationSpec(**spec.model_dump()) == spec


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"beams": 6}, "beams: is for method: beam, but method is greedy"),
        ({"method": "beam", "top_p": 0.9}, "top_p: is for method: sampling, but method is beam"),
        ({"min_new_tokens": 9, "max_new_tokens": 8}, "min_new_tokens: given 9; allowed: at most max_new_tokens"),
        ({"method": "beam", "beams": 1}, "greater than or equal to 2"),
        ({"method": "sampling", "top_p": 0.0}, "greater than 0"),
        ({"early_stopping": "always"}, "never"),
        ({"num_beams": 4}, "Extra inputs"),
    ],
)
def test_what_does_not_fit_in_a_spec_is_refused(fields: dict[str, Any], error: str) -> None:
    with pytest.raises(ValidationError, match=error):
        GenerationSpec(**fields)


def refused(name: str, folder: Path, inputs: dict[str, np.ndarray], kind: type[FtcoreError], error: str) -> None:
    writer = writers.Writer(name, folder)
    with pytest.raises(kind, match=error):
        generate(writer.learner("torch"), writer.network, inputs, SETTINGS, GenerationTokens())


def test_a_prompt_without_room_or_tokens_is_refused(tmp_path: Path) -> None:
    long = np.ones((1, 62), dtype=np.int32)
    error = "a prompt of 62 tokens and 4 new ones exceeds the 64 positions of the model"
    refused("gpt2", tmp_path / "decoder", {"input_ids": long, "attention_mask": long}, DataError, error)
    long, ids = np.ones((1, 65), dtype=np.int32), np.ones((1, 1), dtype=np.int32)
    error = "a source text of 65 tokens exceeds the 64 positions"
    refused("bart", tmp_path / "source", {"input_ids": long, "attention_mask": long}, DataError, error)
    empty = {"input_ids": np.ones((2, 2), dtype=np.int32), "attention_mask": np.array([[1, 0], [0, 0]], np.int32)}
    refused("gpt2", tmp_path / "empty", empty, DataError, r"a prompt is empty \(row 1 of its batch\)")
    given = {"input_ids": ids, "attention_mask": ids}
    refused("t5", tmp_path / "start", given, ModelError, "the model has no decoder_start_token_id")


def test_the_last_new_token_needs_no_position(tmp_path: Path) -> None:
    writer, prompt = writers.Writer("gpt2", tmp_path), np.full((1, 61), 5, dtype=np.int32)
    inputs = {"input_ids": prompt, "attention_mask": np.ones_like(prompt)}
    for backend in backends.names():
        found = generate(writer.learner(backend), writer.network, inputs, SETTINGS, GenerationTokens())
        assert len(found[0]) == SETTINGS.max_new_tokens


def test_what_does_not_write_is_refused(tmp_path: Path) -> None:
    learner = writers.Writer("gpt2", tmp_path).learner("torch")
    network = FAMILY_CASES["bert"].variant("base", {}).network()
    with pytest.raises(BackendError, match="needs a language model's head"):
        generate(learner, network, writers.batch(), SETTINGS, GenerationTokens())
    network = FAMILY_CASES["bert"].other_head("masked language model").network()
    with pytest.raises(BackendError, match="a bert reads whole texts: it cannot generate one"):
        generate(learner, network, writers.batch(), SETTINGS, GenerationTokens())
