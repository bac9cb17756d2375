"""Generates one sequence after each prompt, token by token."""

from collections.abc import Sequence

import numpy as np

from ftcore.contract import Decoding
from ftcore.generation.choices import Choice
from ftcore.generation.rules import Rule, apply_rules


def write_one_sequence(
    decoding: Decoding,
    tokens: np.ndarray,
    rules: Sequence[Rule],
    choose: Choice,
    stop: Sequence[int],
    max_new_tokens: int,
) -> list[list[int]]:
    """Return the new tokens after each prompt, including the stop token; finished sequences are no longer computed.

    Args:
        decoding: the decoding state after the prompts.
        tokens: the prompts' tokens, int32 [rows, length], as in `Prompts`.
        rules: change the scores.
        choose: chooses the next token of each sequence.
        stop: the tokens that end a sequence.
        max_new_tokens: the maximum number of new tokens.
    """
    found: list[list[int]] = [[] for _ in tokens]
    rows, logits = np.arange(len(tokens)), decoding.logits
    for new in range(max_new_tokens):
        chosen = choose(apply_rules(rules, logits.astype(np.float32), tokens, new), rows, new)
        for row, token in zip(rows, chosen, strict=True):
            found[row].append(int(token))
        goes_on = ~np.isin(chosen, stop)
        if new + 1 == max_new_tokens or not goes_on.any():
            break
        tokens = np.concatenate([tokens, chosen[:, None]], axis=1)[goes_on]
        rows = rows[goes_on]
        logits = decoding.next(chosen[goes_on], None if goes_on.all() else np.flatnonzero(goes_on))
    return found
