"""Defines the settings of generation: the search method and its parameters."""

from dataclasses import dataclass
from typing import Literal

Method = Literal["greedy", "beam", "sampling"]
EarlyStopping = bool | Literal["never"]


@dataclass(frozen=True)
class GenerationSettings:
    """The settings that determine the next token; their meaning is that of transformers.

    Attributes:
        method: "greedy" takes the most probable token; "beam" keeps the best sequences; "sampling" draws.
        max_new_tokens: the maximum number of new tokens.
        min_new_tokens: no stop token is generated before this many new tokens.
        no_repeat_ngram: no sequence of this many tokens occurs twice, prompt included; 0 for no limit.
        repetition_penalty: positive logits of earlier tokens are divided by it, negative ones multiplied.
        beams: the number of sequences that a beam search keeps.
        length_penalty: a finished sequence's score is its log-probability / new tokens ** length_penalty.
        early_stopping: a beam search ends for a prompt when as many sequences as there are beams are finished (True);
            when none is likely to become better (False); when none can ("never").
        temperature: logits are divided by it before a draw.
        top_k: draw from this many most probable tokens; 0 for all.
        top_p: draw from the most probable tokens with this total probability.
        seed: keys the draws.
    """

    method: Method = "greedy"
    max_new_tokens: int = 64
    min_new_tokens: int = 0
    no_repeat_ngram: int = 0
    repetition_penalty: float = 1.0
    beams: int = 4
    length_penalty: float = 1.0
    early_stopping: EarlyStopping = False
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
