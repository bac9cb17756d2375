"""Marks the tokens of a sentence's predicate."""

from collections.abc import Sequence

import numpy as np


def with_markers(
    ids: Sequence[int], words: Sequence[int], predicate: int, markers: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Return a sentence's tokens and words with markers around the predicate's tokens; markers have the word -1.

    Args:
        ids: the ids of the tokens.
        words: the index of each token's word.
        predicate: the index of the predicate's word; without tokens of it, nothing is added.
        markers: the ids of the markers before and after.
    """
    own = [place for place, word in enumerate(words) if word == predicate]
    if not own:
        return list(ids), list(words)
    first, behind = own[0], own[-1] + 1
    return (
        [*ids[:first], markers[0], *ids[first:behind], markers[1], *ids[behind:]],
        [*words[:first], -1, *words[first:behind], -1, *words[behind:]],
    )


def of_predicate(words: np.ndarray, lengths: np.ndarray, predicates: Sequence[int]) -> np.ndarray:
    """Return which tokens belong to their sentence's predicate, bool [tokens].

    Args:
        words: int32 [tokens], the index of each token's word in its sentence.
        lengths: int32 [sentences], the number of tokens of each.
        predicates: the index of each sentence's predicate.
    """
    return np.asarray(words == np.repeat(np.asarray(predicates, np.int32), lengths))


def readable(words: np.ndarray, lengths: np.ndarray, of_predicates: np.ndarray) -> np.ndarray:
    """Return words, int32 [tokens], with -1 in sentences whose predicate has no token, so that they are not predicted.

    Args:
        words: int32 [tokens], the index of each token's word in its sentence.
        lengths: int32 [sentences], the number of tokens of each.
        of_predicates: bool [tokens], the result of `of_predicate`.
    """
    sentences = np.repeat(np.arange(len(lengths)), lengths)
    found = np.bincount(sentences, of_predicates, minlength=len(lengths)) > 0
    return np.where(found[sentences], words, -1).astype(np.int32)
