"""Chooses the next token of each sequence: the most probable, or a random draw."""

from collections.abc import Callable

import numpy as np

from ftcore.contract import seeds
from ftcore.generation.settings import GenerationSettings

Choice = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
"""(scores float32 [sequences, outputs], rows of the batch int [sequences], new tokens so far) -> tokens int32."""


def greedy(scores: np.ndarray, rows: np.ndarray, new: int) -> np.ndarray:
    """Return the tokens with the highest scores, int32 [sequences].

    Args:
        scores: float [sequences, outputs].
        rows: int [sequences], not used.
        new: not used.
    """
    best: np.ndarray = scores.argmax(axis=1).astype(np.int32)
    return best


def sampling(settings: GenerationSettings, example_ids: np.ndarray) -> Choice:
    """Return a choice by random draws, keyed by the seed, the example and the token's position.

    A draw depends neither on the example's batch nor on the backend.

    Args:
        settings: seed, temperature, top_k, top_p and max_new_tokens.
        example_ids: int [rows], the ids of the batch's examples.
    """
    generators = [seeds.generator(settings.seed, "generation", int(example)) for example in example_ids]
    uniform = np.stack([one.random(settings.max_new_tokens) for one in generators])

    def choose(scores: np.ndarray, rows: np.ndarray, new: int) -> np.ndarray:
        return drawn(kept(scores, settings), uniform[rows, new])

    return choose


def kept(scores: np.ndarray, settings: GenerationSettings) -> np.ndarray:
    """Return scores / temperature, float64 [rows, outputs]; minus infinity where top_k and then top_p exclude."""
    # In float64, so that a low temperature does not overflow to infinity.
    scores = scores.astype(np.float64) / settings.temperature
    if settings.top_k:
        scores = _most_probable(scores, settings.top_k)
    return _nucleus(scores, settings.top_p) if settings.top_p < 1.0 else scores


def drawn(scores: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Return for each row the token at which the cumulative probability exceeds a number, int32 [rows].

    Args:
        scores: float [rows, outputs].
        uniform: float [rows], from 0 to 1.
    """
    sums = _probabilities(scores).cumsum(axis=1)
    passed = sums > (uniform * sums[:, -1])[:, None]
    first: np.ndarray = passed.argmax(axis=1).astype(np.int32)
    return first


def _most_probable(scores: np.ndarray, count: int) -> np.ndarray:
    """Keep the `count` highest scores of each row, and ties with the last of them (Fan et al. 2018)."""
    if count >= scores.shape[1]:
        return scores
    last = np.partition(scores, -count, axis=1)[:, -count, None]
    return np.where(scores < last, -np.inf, scores)


def _nucleus(scores: np.ndarray, share: float) -> np.ndarray:
    """Keep the smallest set of most probable tokens with this total probability (Holtzman et al. 2020)."""
    order = scores.argsort(axis=1, kind="stable")
    sums = np.take_along_axis(_probabilities(scores), order, axis=1).cumsum(axis=1)
    out = sums <= 1 - share
    out[:, -1] = False
    excluded = np.zeros_like(out)
    np.put_along_axis(excluded, order, out, axis=1)
    return np.where(excluded, -np.inf, scores)


def _probabilities(scores: np.ndarray) -> np.ndarray:
    """Return softmax(scores), float64."""
    wide = scores.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return shares
