"""Beam search, with transformers' scores and conditions of stopping."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ftcore.backend import Decoding
from ftcore.generation.rules import Rule, apply_rules
from ftcore.generation.settings import GenerationSettings

NEVER = np.float32(-1e9)
"""The score of a beam that is not there yet."""


class Candidates(NamedTuple):
    """The best continuations of each prompt, best first.

    Attributes:
        scores: float32 [prompts, candidates], log probabilities of the new tokens.
        beams: int [prompts, candidates], the beam that each goes on.
        tokens: int32 [prompts, candidates], the token that it adds.
    """

    scores: np.ndarray
    beams: np.ndarray
    tokens: np.ndarray


@dataclass
class Finished:
    """The finished sequences of a prompt, at most as many as there are beams, best first."""

    scores: list[np.float32] = field(default_factory=list)
    sequences: list[list[int]] = field(default_factory=list)

    def add(self, score: np.float32, sequence: list[int], most: int) -> None:
        """Add a sequence where it is among the best."""
        place = sum(other >= score for other in self.scores)
        self.scores.insert(place, score)
        self.sequences.insert(place, sequence)
        del self.scores[most:], self.sequences[most:]

    def worst(self, most: int) -> np.float32:
        """Return the score that another one must be better than."""
        return self.scores[-1] if len(self.scores) == most else NEVER


def search_beams(
    decoding: Decoding, prompts: np.ndarray, rules: Sequence[Rule], settings: GenerationSettings, stop: Sequence[int]
) -> list[list[int]]:
    """Return the best sequence of new tokens after each prompt, the stop token included.

    Args:
        decoding: begun after the prompts.
        prompts: their tokens, int32 [rows, length], as in `Prompts`.
        rules: change log probabilities.
        settings: beams, length_penalty, early_stopping and max_new_tokens.
        stop: the tokens that end a sequence.
    """
    count, length = settings.beams, prompts.shape[1]
    finished = [Finished() for _ in prompts]
    rows = np.arange(len(prompts))
    order = np.repeat(rows, count)
    tokens, logits = prompts[order], decoding.logits[order]
    # All beams of a prompt are the same at first: the others must not be chosen.
    scores = np.tile(np.append(np.float32(0), np.full(count - 1, NEVER)), (len(rows), 1))
    for new in range(settings.max_new_tokens):
        changed = apply_rules(rules, _log_probabilities(logits), tokens, new)
        found = _candidates(changed, scores, max(2, 1 + len(stop)) * count)
        ends = np.isin(found.tokens, stop) | (new + 1 == settings.max_new_tokens)
        sequences = tokens.reshape(len(rows), count, -1)
        for place, row in enumerate(rows):
            _finish(finished[row], found, ends, place, sequences[place, :, length:], settings)
        running = _running(found, ends, count)
        goes_on = np.array(
            [_goes_on(finished[row], running.scores[place, 0], new + 1, settings) for place, row in enumerate(rows)]
        )
        if new + 1 == settings.max_new_tokens or not goes_on.any():
            break
        places = np.flatnonzero(goes_on)
        order = (places[:, None] * count + running.beams[places]).ravel()
        chosen = running.tokens[places].ravel()
        rows, scores = rows[places], running.scores[places]
        tokens = np.concatenate([tokens[order], chosen[:, None]], axis=1)
        # The first time, the sequences before are the prompts.
        before = order // count if new == 0 else order
        logits = decoding.next(chosen, None if _is_identity(before, len(goes_on) * (count if new else 1)) else before)
    return [one.sequences[0] if one.sequences else [] for one in finished]


def _is_identity(order: np.ndarray, before: int) -> bool:
    return len(order) == before and bool((order == np.arange(before)).all())


def _log_probabilities(logits: np.ndarray) -> np.ndarray:
    """Return log softmax, float32 [sequences, outputs]; in float32, as transformers computes it."""
    logits = logits.astype(np.float32)
    shifted = logits - logits.max(axis=1, keepdims=True)
    found: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found


def _candidates(log_probabilities: np.ndarray, scores: np.ndarray, most: int) -> Candidates:
    """Return the best continuations of the beams of each prompt.

    Args:
        log_probabilities: of every next token, float32 [prompts * beams, outputs].
        scores: of the beams, float32 [prompts, beams].
        most: how many.
    """
    prompts, outputs = len(scores), log_probabilities.shape[1]
    summed = (log_probabilities + scores.reshape(-1, 1)).reshape(prompts, -1)
    most = min(most, summed.shape[1])
    best = np.argpartition(summed, -most, axis=1)[:, -most:]
    best.sort(axis=1)  # of equal ones the first comes first
    ranks = (-np.take_along_axis(summed, best, axis=1)).argsort(axis=1, kind="stable")
    best = np.take_along_axis(best, ranks, axis=1)
    found = np.take_along_axis(summed, best, axis=1)
    return Candidates(found, best // outputs, (best % outputs).astype(np.int32))


def _running(found: Candidates, ends: np.ndarray, count: int) -> Candidates:
    """Return the `count` best candidates that go on."""
    best = ends.argsort(axis=1, kind="stable")[:, :count]
    return Candidates(*(np.take_along_axis(array, best, axis=1) for array in found))


def _finish(
    finished: Finished,
    found: Candidates,
    ends: np.ndarray,
    place: int,
    written: np.ndarray,
    settings: GenerationSettings,
) -> None:
    """Add those of a prompt's candidates that end; only as many as there are beams are considered.

    Args:
        finished: the prompt's.
        found, ends: the candidates, and whether each ends.
        place: of the prompt among them.
        written: the new tokens of its beams, int32 [beams, length].
        settings: of the search.
    """
    penalty = np.float32((written.shape[1] + 1) ** settings.length_penalty)
    for candidate in np.flatnonzero(ends[place, : settings.beams]):
        score = found.scores[place, candidate] / penalty
        if score > NEVER:
            sequence = [*written[found.beams[place, candidate]].tolist(), int(found.tokens[place, candidate])]
            finished.add(score, sequence, settings.beams)


def _goes_on(finished: Finished, best: np.float32, new: int, settings: GenerationSettings) -> bool:
    """Return whether a prompt's search goes on, given its best running score and the number of new tokens."""
    if settings.early_stopping is True and len(finished.scores) == settings.beams:
        return False
    reaches_end = settings.early_stopping == "never" and settings.length_penalty > 0
    length = settings.max_new_tokens if reaches_end else new
    return bool(best / np.float32(length**settings.length_penalty) > finished.worst(settings.beams))
