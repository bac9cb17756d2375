"""Draws: what top_k and top_p keep is transformers', draws are distributed as told, and equal on every backend."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import writers
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from ftcore.contract import discovery as backends
from ftcore.contract.seeds import generator
from ftcore.generation import GenerationSettings, generate
from ftcore.generation.choices import drawn, kept, sampling

SAMPLING = GenerationSettings("sampling", max_new_tokens=12)


def scores(rows: int, outputs: int) -> np.ndarray:
    return (generator(0, "scores").standard_normal((rows, outputs)) * 3).astype(np.float32)


@pytest.mark.parametrize("temperature", [1.0, 0.3, 2.5])
@pytest.mark.parametrize(("top_k", "top_p"), [(0, 0.9), (5, 1.0), (7, 0.6), (1, 1.0), (0, 1e-6), (1000, 0.999)])
def test_what_is_kept_is_what_transformers_keeps(top_k: int, top_p: float, temperature: float) -> None:
    given = scores(rows=20, outputs=50)
    expected = TemperatureLogitsWarper(temperature)(None, torch.from_numpy(given))
    if top_k:
        expected = TopKLogitsWarper(top_k)(None, expected)
    if top_p < 1:
        expected = TopPLogitsWarper(top_p)(None, expected)
    found = kept(given, replace(SAMPLING, top_k=top_k, top_p=top_p, temperature=temperature))
    assert np.array_equal(np.isfinite(found), np.isfinite(expected.numpy()))
    assert np.allclose(found, expected.numpy(), rtol=1e-6)


def test_equal_scores_are_kept_together() -> None:
    given = np.array([[1.0, 2.0, 2.0, 0.0]], dtype=np.float32)
    assert np.isfinite(kept(given, replace(SAMPLING, top_k=1))).tolist() == [[False, True, True, False]]


def test_tokens_are_drawn_with_their_probabilities() -> None:
    given, count = scores(rows=1, outputs=6), 20000
    choose = sampling(replace(SAMPLING, max_new_tokens=count, top_k=5, temperature=2.0), np.array([7]))
    tokens = [int(choose(given, np.array([0]), new)[0]) for new in range(count)]
    shares = np.bincount(tokens, minlength=6) / count
    expected = torch.from_numpy(kept(given, replace(SAMPLING, top_k=5, temperature=2.0))).softmax(dim=1).numpy()[0]
    assert expected.min() == 0
    assert np.all(shares[expected == 0] == 0)
    # Four standard deviations of a share.
    assert np.all(np.abs(shares - expected) < 4 * np.sqrt(expected * (1 - expected) / count) + 1e-12)


def test_a_temperature_near_0_is_greedy() -> None:
    given = np.array([[1.0, 5.0, 2.0], [7.0, 0.0, -1.0]], dtype=np.float32)
    scores = kept(given, replace(SAMPLING, top_k=0, top_p=1.0, temperature=1e-38))
    assert drawn(scores, np.array([0.5, 0.99])).tolist() == [1, 0]


def test_the_ends_of_the_interval_draw_tokens_that_are_kept() -> None:
    given = np.array([[-np.inf, 0.0, 1.0, -np.inf]] * 2, dtype=np.float32)
    assert drawn(given, np.array([0.0, np.nextafter(1.0, 0.0)])).tolist() == [1, 2]


@pytest.mark.parametrize("name", ["llama", "bart"])
def test_draws_are_equal_on_every_backend_in_any_batch_and_other_with_another_key(name: str, tmp_path: Path) -> None:
    writer, inputs = writers.Writer(name, tmp_path, "float32"), writers.batch()
    settings, ids = replace(SAMPLING, temperature=1.5, top_k=20, top_p=0.95, seed=3), np.array([11, 5, 7, 2])

    def write(backend: str, settings: GenerationSettings, rows: list[int]) -> list[list[int]]:
        given = {key: array[rows] for key, array in inputs.items()}
        return generate(writer.learner(backend), writer.network, given, settings, writer.tokens, ids[rows])

    first, second = (write(backend, settings, [0, 1, 2, 3]) for backend in backends.names())
    assert first == second
    assert write("torch", settings, [2, 0]) == [first[2], first[0]]
    assert write("torch", replace(settings, seed=4), [0, 1, 2, 3]) != first
    assert len({tuple(row) for row in first}) == len(first)
