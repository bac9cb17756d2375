"""Defines rules that change the scores of next tokens, in transformers' order, for all search methods."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ftcore.generation.prompts import NO_TOKEN
from ftcore.generation.settings import GenerationSettings
from ftcore.generation.tokens import GenerationTokens

Rule = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
"""(scores float32 [sequences, outputs], tokens so far int32 [sequences, length], number of new ones) -> scores.

Tokens are as in `Prompts`.
"""


def apply_rules(rules: Sequence[Rule], scores: np.ndarray, tokens: np.ndarray, new: int) -> np.ndarray:
    """Return the scores after every rule, in order, without changing the given ones.

    Args:
        rules: the rules to apply.
        scores: float32 [sequences, outputs].
        tokens: the tokens so far, int32 [sequences, length].
        new: the number of new tokens among them.

    Returns:
        float32 [sequences, outputs].
    """
    for rule in rules:
        scores = rule(scores, tokens, new)
    return scores


def rules_of(settings: GenerationSettings, tokens: GenerationTokens, begins: bool) -> list[Rule]:
    """Return the rules for these settings and tokens; for `begins` see `Prompts`."""
    rules: list[Rule] = []
    if settings.repetition_penalty != 1.0:
        rules.append(partial(_penalized, settings.repetition_penalty))
    if settings.no_repeat_ngram:
        rules.append(partial(_without_repeats, settings.no_repeat_ngram))
    rules += [partial(_without_end, sequence) for sequence in tokens.forbidden]
    if settings.min_new_tokens:
        rules.append(partial(_without_before, tokens.stop, settings.min_new_tokens))
    if begins and tokens.forced_first is not None:
        rules.append(partial(_only_at, (tokens.forced_first,), 0))
    if tokens.forced_last:
        rules.append(partial(_only_at, tokens.forced_last, settings.max_new_tokens - 1))
    if tokens.suppressed:
        rules.append(partial(_without_before, tokens.suppressed, settings.max_new_tokens))
    if tokens.suppressed_first:
        # The first forced token is always the next token.
        first = 1 if begins and tokens.forced_first is not None else 0
        rules.append(partial(_without_at, tokens.suppressed_first, first))
    return rules


def _penalized(penalty: float, scores: np.ndarray, tokens: np.ndarray, new: int) -> np.ndarray:
    """Lower the scores of earlier tokens (Keskar et al. 2019, extended to negative scores)."""
    found = scores.copy()
    for row, present in enumerate(tokens):
        ids = np.unique(present[present != NO_TOKEN])
        found[row, ids] = np.where(found[row, ids] < 0, found[row, ids] * penalty, found[row, ids] / penalty)
    return found


def _without_repeats(size: int, scores: np.ndarray, tokens: np.ndarray, new: int) -> np.ndarray:
    """Exclude every token that would repeat an earlier sequence of `size` tokens."""
    length = tokens.shape[1]
    if length < size:
        return scores
    windows = np.lib.stride_tricks.sliding_window_view(tokens, size, axis=1)
    same = (windows[:, :, :-1] == tokens[:, None, length + 1 - size :]).all(axis=2)
    rows, places = np.nonzero(same & (windows[:, :, -1] != NO_TOKEN))
    found = scores.copy()
    found[rows, windows[rows, places, -1]] = -np.inf
    return found


def _without_end(sequence: tuple[int, ...], scores: np.ndarray, tokens: np.ndarray, new: int) -> np.ndarray:
    """Exclude the last token of a forbidden sequence if its other tokens come before."""
    *before, last = sequence
    if tokens.shape[1] < len(before):
        return scores
    found = scores.copy()
    found[(tokens[:, tokens.shape[1] - len(before) :] == before).all(axis=1), last] = -np.inf
    return found


def _without_before(
    excluded: tuple[int, ...], count: int, scores: np.ndarray, tokens: np.ndarray, new: int
) -> np.ndarray:
    """Exclude tokens until there are `count` new tokens."""
    return _without(excluded, scores) if new < count else scores


def _without_at(excluded: tuple[int, ...], place: int, scores: np.ndarray, tokens: np.ndarray, new: int) -> np.ndarray:
    """Exclude tokens at one position among the new tokens."""
    return _without(excluded, scores) if new == place else scores


def _without(excluded: tuple[int, ...], scores: np.ndarray) -> np.ndarray:
    found = scores.copy()
    found[:, list(excluded)] = -np.inf
    return found


def _only_at(allowed: tuple[int, ...], place: int, scores: np.ndarray, tokens: np.ndarray, new: int) -> np.ndarray:
    """Allow only these tokens at one position among the new tokens."""
    if new != place:
        return scores
    found = np.full_like(scores, -np.inf)
    found[:, list(allowed)] = 0.0
    return found
