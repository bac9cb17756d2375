"""Greedy and beam search write, token for token, what transformers' `generate` does with the same weights."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import writers

from ftcore.contract import Program
from ftcore.contract import discovery as backends
from ftcore.generation import GenerationSettings, generate

LENGTH = 12
GREEDY = GenerationSettings("greedy", LENGTH)
RULED = replace(GREEDY, no_repeat_ngram=2, min_new_tokens=3, repetition_penalty=1.3)
BEAM = GenerationSettings("beam", LENGTH)
BEAMS = {
    "likely end": replace(BEAM, beams=2),
    "certain end, long": replace(BEAM, beams=5, length_penalty=1.5, early_stopping="never", no_repeat_ngram=2),
    "certain end, no penalty": replace(BEAM, length_penalty=0.0, early_stopping="never"),
    "first ones, short": replace(BEAM, length_penalty=-0.5, early_stopping=True, min_new_tokens=2),
    "first ones, long": replace(BEAM, beams=3, length_penalty=2.0, early_stopping=True),
    "likely end, short, no trigrams": replace(BEAM, length_penalty=-0.5, no_repeat_ngram=3, repetition_penalty=1.2),
}
ALL = {"greedy": GREEDY, "greedy with rules": RULED, **BEAMS}
CASES = [(name, "float64") for name in writers.CONFIGS if name != "gemma2"]
"""In float64, transformers' own eager attention has no numbers where a row of gemma2 is padded."""
ROUNDED = [(name, "float32") for name in ("gemma2", "t5")]


def options(settings: GenerationSettings) -> dict[str, Any]:
    """Return settings in the words of transformers."""
    return {
        "num_beams": settings.beams if settings.method == "beam" else 1,
        "max_new_tokens": settings.max_new_tokens,
        "min_new_tokens": settings.min_new_tokens,
        "no_repeat_ngram_size": settings.no_repeat_ngram,
        "repetition_penalty": settings.repetition_penalty,
        "length_penalty": settings.length_penalty,
        "early_stopping": settings.early_stopping,
    }


def written(
    writer: writers.Writer, backend: str, inputs: Mapping[str, np.ndarray], settings: GenerationSettings
) -> Any:
    return generate(writer.learner(backend), writer.network, inputs, settings, writer.tokens)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "precision"), [*CASES, *ROUNDED])
def test_every_search_writes_what_transformers_writes(name: str, precision: str, tmp_path: Path) -> None:
    writer, inputs, ends = writers.Writer(name, tmp_path, precision), writers.batch(), set()
    for case, settings in ALL.items():
        expected = writer.expected(inputs, **options(settings))
        ends |= {len(row) for row in expected}
        for backend in backends.names():
            assert written(writer, backend, inputs, settings) == expected, (case, backend)
    # The cases have texts that end, at several places, and texts that do not.
    assert LENGTH in ends
    assert len(ends) >= 3


@pytest.mark.parametrize("settings", [GREEDY, BEAMS["first ones, long"]], ids=["greedy", "beam"])
def test_a_decoder_and_an_encoder_decoder_write_what_transformers_writes(
    settings: GenerationSettings, tmp_path: Path
) -> None:
    for name, backend in (("llama", "torch"), ("t5", "tf")):
        writer = writers.Writer(name, tmp_path / name)
        assert written(writer, backend, writers.batch(), settings) == writer.expected(
            writers.batch(), **options(settings)
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gemma2", "qwen3", "gpt2", "marian"])
def test_a_row_is_what_it_is_alone(name: str, tmp_path: Path) -> None:
    """Whatever is beside it in the batch, and where that ends."""
    writer, inputs = writers.Writer(name, tmp_path), writers.batch()
    for settings in (RULED, BEAMS["certain end, long"]):
        alone = []
        for row, length in enumerate(writers.LENGTHS):
            one = {key: array[row : row + 1, :length] for key, array in inputs.items()}
            alone += writer.expected(one, **options(settings))
        for backend in backends.names():
            assert written(writer, backend, inputs, settings) == alone


@pytest.mark.parametrize("backend", backends.names())
def test_a_text_may_begin_with_more_than_the_start_token(backend: str, tmp_path: Path) -> None:
    """As with the code of a language that is translated to."""
    writer, inputs = writers.Writer("bart", tmp_path), writers.batch()
    begun = np.tile(np.array([[3, 9]], dtype=np.int32), (len(writers.LENGTHS), 1))
    expected = writer.expected({**inputs, "decoder_input_ids": begun}, **options(GREEDY))
    assert written(writer, backend, {**inputs, "decoder_input_ids": begun}, GREEDY) == expected


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_padding_is_without_effect_in_half_precision(precision: str, tmp_path: Path) -> None:
    """Rows of padding alone, whose scores are all the lowest number, are there on the left of short prompts."""
    writer, inputs = writers.Writer("llama", tmp_path, "float32"), writers.batch()
    for backend in backends.names():
        learner = backends.load(backend).build(Program(writer.network, precision=precision), "cpu")
        learner.load_tensors(writer.plan.tensors)
        together = generate(learner, writer.network, inputs, GREEDY, writer.tokens)
        for row, length in enumerate(writers.LENGTHS):
            alone = {name: array[row : row + 1, :length] for name, array in inputs.items()}
            assert generate(learner, writer.network, alone, GREEDY, writer.tokens) == [together[row]], backend
