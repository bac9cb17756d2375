"""Implements beam search with transformers' scores and stopping conditions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ftcore.contract import Decoding
from ftcore.generation.rules import Rule, apply_rules
from ftcore.generation.settings import GenerationSettings

NOT_THERE = -1e9
"""The score of a sequence that does not exist yet."""


class Candidates(NamedTuple):
    """The best continuations of each prompt, best first.

    Attributes:
        scores: float32 [prompts, candidates], log-probabilities of the new tokens.
        beams: int [prompts, candidates], the beam that each candidate continues.
        tokens: int32 [prompts, candidates], the token that each candidate adds.
        ends: bool [prompts, candidates], whether that token ends the sequence.
    """

    scores: np.ndarray
    beams: np.ndarray
    tokens: np.ndarray
    ends: np.ndarray

    def of_prompt(self, place: int) -> "Candidates":
        """Return the candidates of one prompt, [candidates]."""
        return Candidates(*(array[place] for array in self))

    def running(self, count: int) -> "Candidates":
        """Return the `count` best candidates that do not end."""
        best = self.ends.argsort(axis=1, kind="stable")[:, :count]
        return Candidates(*(np.take_along_axis(array, best, axis=1) for array in self))


@dataclass
class Finished:
    """The finished sequences of a prompt, at most `most`, best first."""

    most: int
    scores: list[float] = field(default_factory=list)
    sequences: list[list[int]] = field(default_factory=list)

    def add(self, score: float, sequence: list[int]) -> None:
        """Add a sequence if it is among the best."""
        place = sum(1 for other in self.scores if other >= score)
        self.scores.insert(place, score)
        self.sequences.insert(place, sequence)
        del self.scores[self.most :], self.sequences[self.most :]

    @property
    def full(self) -> bool:
        """Whether the maximum number of sequences is reached."""
        return len(self.scores) == self.most

    @property
    def worst(self) -> float:
        """The score that a new sequence must exceed."""
        return self.scores[-1] if self.full else NOT_THERE

    @property
    def best(self) -> list[int]:
        """The best sequence; empty if the rules excluded every token."""
        return self.sequences[0] if self.sequences else []


def search_beams(
    decoding: Decoding, prompts: np.ndarray, rules: Sequence[Rule], settings: GenerationSettings, stop: Sequence[int]
) -> list[list[int]]:
    """Return the best sequence of new tokens after each prompt, including the stop token.

    Prompts whose search has ended are no longer computed.

    Args:
        decoding: the decoding state after the prompts.
        prompts: the prompts' tokens, int32 [rows, length], as in `Prompts`.
        rules: change the log-probabilities.
        settings: beams, length_penalty, early_stopping and max_new_tokens.
        stop: the tokens that end a sequence.
    """
    count, finished = settings.beams, [Finished(settings.beams) for _ in prompts]
    searched = list(finished)  # of the prompts still searched
    tokens, logits = (np.repeat(array, count, axis=0) for array in (prompts, decoding.logits))
    # The beams of a prompt are equal at first, so only one counts.
    scores = np.tile(np.array([0, *[NOT_THERE] * (count - 1)], dtype=np.float32), (len(prompts), 1))
    for new in range(settings.max_new_tokens):
        changed = apply_rules(rules, _log_probabilities(logits), tokens, new)
        found = _candidates(changed, scores, max(2, 1 + len(stop)) * count, stop)
        if new + 1 == settings.max_new_tokens:
            found = found._replace(ends=np.ones_like(found.ends))
        written = tokens[:, prompts.shape[1] :].reshape(len(searched), count, new)
        for place, one in enumerate(searched):
            _finish(one, found.of_prompt(place), written[place], settings.length_penalty)
        running = found.running(count)
        best = running.scores[:, 0]
        goes_on = [_goes_on(one, score, new + 1, settings) for one, score in zip(searched, best, strict=True)]
        places = np.flatnonzero(goes_on)
        if new + 1 == settings.max_new_tokens or not len(places):
            break
        searched, scores, chosen = [searched[place] for place in places], running.scores[places], running.tokens[places]
        order = (places[:, None] * count + running.beams[places]).ravel()
        tokens = np.concatenate([tokens[order], chosen.reshape(-1, 1)], axis=1)
        # The first decoding is of the prompts, one sequence each.
        logits = decoding.next(chosen.ravel(), order if new else order // count)
    return [one.best for one in finished]


def _log_probabilities(logits: np.ndarray) -> np.ndarray:
    """Return log softmax, float32 [sequences, outputs]; computed in float32, as in transformers."""
    logits = logits.astype(np.float32)
    shifted = logits - logits.max(axis=1, keepdims=True)
    found: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found


def _candidates(log_probabilities: np.ndarray, scores: np.ndarray, most: int, stop: Sequence[int]) -> Candidates:
    """Return the best continuations of the beams of each prompt.

    Args:
        log_probabilities: of every next token, float32 [prompts * beams, outputs].
        scores: the scores of the beams, float32 [prompts, beams].
        most: the number of candidates; high enough that at least as many as there are beams do not end.
        stop: the tokens that end a sequence.
    """
    prompts, outputs = len(scores), log_probabilities.shape[1]
    summed = (log_probabilities + scores.reshape(-1, 1)).reshape(prompts, -1)
    most = min(most, summed.shape[1])
    best = np.argpartition(summed, -most, axis=1)[:, -most:]
    best.sort(axis=1)  # ties keep their order
    ranks = (-np.take_along_axis(summed, best, axis=1)).argsort(axis=1, kind="stable")
    best = np.take_along_axis(best, ranks, axis=1)
    tokens = (best % outputs).astype(np.int32)
    return Candidates(np.take_along_axis(summed, best, axis=1), best // outputs, tokens, np.isin(tokens, stop))


def _finish(finished: Finished, found: Candidates, written: np.ndarray, length_penalty: float) -> None:
    """Add those of a prompt's best candidates that end; as many as there are beams are considered.

    Args:
        finished: the prompt's finished sequences.
        found: its candidates, [candidates].
        written: the new tokens of its beams, int32 [beams, length].
        length_penalty: the length penalty of the scores.
    """
    divisor = np.float32((written.shape[1] + 1) ** length_penalty)
    for candidate in np.flatnonzero(found.ends[: finished.most]):
        score = float(found.scores[candidate] / divisor)
        if score > NOT_THERE:
            finished.add(score, [*written[found.beams[candidate]].tolist(), int(found.tokens[candidate])])


def _goes_on(finished: Finished, best: np.float32, new: int, settings: GenerationSettings) -> bool:
    """Return whether a prompt's search continues, given its best running score and the number of new tokens."""
    if settings.early_stopping is True and finished.full:
        return False
    longest = settings.early_stopping == "never" and settings.length_penalty > 0
    length = settings.max_new_tokens if longest else new
    return float(best / np.float32(length**settings.length_penalty)) > finished.worst
