"""The tokens of a sentence's predicate, marked so that a network sees which they are."""

from collections.abc import Sequence

import numpy as np


def with_markers(
    ids: Sequence[int], words: Sequence[int], predicate: int, markers: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Return a sentence's tokens with one more before and after the predicate's; both are of no word (-1).

    Args:
        ids: of the tokens.
        words: the place of each token's word.
        predicate: the place of the predicate's word; where it has no token nothing is added.
        markers: the ids before and after.
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
    """Return which tokens are of their sentence's predicate, bool [tokens].

    Args:
        words: int32 [tokens], the place of each token's word in its sentence.
        lengths: int32 [sentences], tokens.
        predicates: the place of each sentence's predicate.
    """
    return np.asarray(words == np.repeat(np.asarray(predicates, np.int32), lengths))


def readable(words: np.ndarray, lengths: np.ndarray, of_predicates: np.ndarray) -> np.ndarray:
    """Return the words, -1 for all tokens of a sentence whose predicate has none: nobody can tell its arguments.

    Args:
        words: int32 [tokens], the place of each token's word in its sentence.
        lengths: int32 [sentences], tokens.
        of_predicates: what that returns.
    """
    sentences = np.repeat(np.arange(len(lengths)), lengths)
    found = np.bincount(sentences, of_predicates, minlength=len(lengths)) > 0
    return np.where(found[sentences], words, -1).astype(np.int32)
