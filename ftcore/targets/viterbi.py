"""The most probable BIO tags of whole sentences."""

from collections.abc import Iterator, Sequence

import numpy as np

from ftcore.data import WordValues
from ftcore.targets.spans import BEGIN, INSIDE

SLOTS = 2**20
"""Scores of a word's tag that are held at once."""


def best_tags(logits: WordValues, labels: Sequence[str]) -> np.ndarray:
    """Return the tags of each sentence with the highest sum of logits where an I- follows only its own type's B- or I-.

    The softmax of independent words, restricted to valid sequences (Viterbi 1967): a word's logarithm of probability is
    its logit but for a constant. The time grows with the number of tags, not with its square: only an I- asks for
    what is before it.

    Args:
        logits: float [words, tags]; nan for a word without a token, which is outside.
        labels: the tags.

    Returns:
        int64 [words], places in `labels`; -1 for a word without a token.
    """
    found = np.full(len(logits.values), -1)
    starts = np.cumsum(logits.counts) - logits.counts
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
    """Return the places of every I-, and of the B- of the same type; its own where the type has none."""
    place = {label: number for number, label in enumerate(labels)}
    inside = [number for label, number in place.items() if label.startswith(INSIDE)]
    begin = [place.get(f"{BEGIN}{labels[number][len(INSIDE) :]}", number) for number in inside]
    return np.array(inside, np.int64), np.array(begin, np.int64)


def _groups(counts: np.ndarray, tags: int) -> Iterator[np.ndarray]:
    """Give the places of sentences of like length, as many as fit into SLOTS."""
    by_length = np.argsort(counts, kind="stable")
    end = len(by_length)
    while end > 0:
        size = max(1, SLOTS // max(1, int(counts[by_length[end - 1]]) * (tags + 1)))
        yield by_length[max(0, end - size) : end]
        end -= size


def _with_outside(logits: np.ndarray) -> np.ndarray:
    """Return float64 [words, tags + 1]: the last is for a word without a token, and for no other."""
    scores = np.full((len(logits), logits.shape[1] + 1), -np.inf)
    unread = np.isnan(logits).any(axis=1)
    scores[~unread, :-1] = logits[~unread]
    scores[unread, -1] = 0.0
    return scores


def _paths(scores: np.ndarray, inside: np.ndarray, begin: np.ndarray) -> np.ndarray:
    """Return the best paths, int64 [sentences, length].

    Args:
        scores: float [sentences, length, tags]; zeros behind a sentence.
        inside: places of every I-.
        begin: of the B- of the same type.
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
    """Return the paths that end with these tags, followed back."""
    path = np.empty(came_from.shape[:2], np.int64)
    path[:, -1] = last
    rows = np.arange(len(last))
    for step in range(came_from.shape[1] - 1, 0, -1):
        path[:, step - 1] = came_from[rows, step, path[:, step]]
    return path
