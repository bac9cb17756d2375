"""Finds the most probable BIO tags of whole sentences."""

from collections.abc import Iterator, Sequence

import numpy as np

from ftcore.data import WordValues, group_starts
from ftcore.targets.spans import BEGIN, INSIDE

SLOTS = 2**20
"""Maximum number of tag scores in memory at once."""


def best_tags(logits: WordValues, labels: Sequence[str]) -> np.ndarray:
    """Return each sentence's tags with the highest sum of logits, where I- follows only its own type's B- or I-.

    This is the most probable valid sequence if words are independent (Viterbi 1967), because log-probabilities equal
    logits up to a constant per word. The time is linear in the number of tags: only an I- depends on the previous tag.

    Args:
        logits: float [words, tags]; NaN for a word without a token, which is outside.
        labels: the tags.

    Returns:
        int64 [words], indices in `labels`; -1 for a word without a token.
    """
    found = np.full(len(logits.values), -1)
    starts = group_starts(logits.counts)
    inside, begin = _inside(labels)
    for sentences in _groups(logits.counts, len(labels)):
        counts = logits.counts[sentences]
        real = np.arange(counts.max()) < counts[:, None]
        places = (starts[sentences][:, None] + np.arange(counts.max()))[real]
        scores = np.zeros((*real.shape, len(labels) + 1))
        scores[real] = _with_outside(logits.values[places])
        found[places] = _paths(scores, inside, begin)[real]
    return np.where(found == len(labels), -1, found)


def _inside(labels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of every I-, and of the B- of the same type (the I- itself if there is none)."""
    place = {label: number for number, label in enumerate(labels)}
    inside = [number for label, number in place.items() if label.startswith(INSIDE)]
    begin = [place.get(f"{BEGIN}{labels[number][len(INSIDE) :]}", number) for number in inside]
    return np.array(inside, np.int64), np.array(begin, np.int64)


def _groups(counts: np.ndarray, tags: int) -> Iterator[np.ndarray]:
    """Yield the indices of sentences of similar length, as many as fit into SLOTS."""
    by_length = np.argsort(counts, kind="stable")
    end = len(by_length)
    while end > 0:
        size = max(1, SLOTS // max(1, int(counts[by_length[end - 1]]) * (tags + 1)))
        yield by_length[max(0, end - size) : end]
        end -= size


def _with_outside(logits: np.ndarray) -> np.ndarray:
    """Return float64 [words, tags + 1]; the last tag is only for words without a token."""
    scores = np.full((len(logits), logits.shape[1] + 1), -np.inf)
    unread = np.isnan(logits).any(axis=1)
    scores[~unread, :-1] = logits[~unread]
    scores[unread, -1] = 0.0
    return scores


def _paths(scores: np.ndarray, inside: np.ndarray, begin: np.ndarray) -> np.ndarray:
    """Return the best paths, int64 [sentences, length].

    Args:
        scores: float [sentences, length, tags]; zeros after the end of a sentence.
        inside: indices of every I-.
        begin: indices of the B- of the same type.
    """
    total = scores[:, 0].copy()
    total[:, inside] = -np.inf
    came_from = np.zeros(scores.shape, np.int64)
    for step in range(1, scores.shape[1]):
        best = np.repeat(total.max(axis=1, keepdims=True), scores.shape[2], axis=1)
        came_from[:, step] = total.argmax(axis=1)[:, None]
        best[:, inside] = np.maximum(total[:, begin], total[:, inside])
        came_from[:, step, inside] = np.where(total[:, begin] >= total[:, inside], begin, inside)
        total = best + scores[:, step]
    return _followed(came_from, total.argmax(axis=1))


def _followed(came_from: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return the paths that end with these tags, by backtracking."""
    path = np.empty(came_from.shape[:2], np.int64)
    path[:, -1] = last
    rows = np.arange(len(last))
    for step in range(came_from.shape[1] - 1, 0, -1):
        path[:, step - 1] = came_from[rows, step, path[:, step]]
    return path
