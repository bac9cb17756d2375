"""How a text is written: which search, and its numbers."""

from dataclasses import dataclass
from typing import Literal

Method = Literal["greedy", "beam", "sampling"]
EarlyStopping = bool | Literal["never"]


@dataclass(frozen=True)
class GenerationSettings:
    """What decides the next token, beside the network; the meaning of each is transformers'.

    Attributes:
        method: "greedy" takes the most probable token; "beam" keeps the best sequences; "sampling" draws.
        max_new_tokens: the most tokens that are written.
        min_new_tokens: before so many no stop token is written.
        no_repeat_ngram: no sequence of so many tokens comes twice, the prompt included; 0 for no such rule.
        repetition_penalty: logits of tokens that are there already are divided by it, negative ones multiplied.
        beams: sequences that a beam search keeps.
        length_penalty: a finished sequence's score is its log probability / new tokens ** length_penalty.
        early_stopping: a beam search ends for a prompt when as many sequences as there are beams are finished (True);
            when none is likely to become better (False); when none can ("never").
        temperature: logits are divided by it before a draw.
        top_k: a draw is among so many most probable tokens; 0 for all.
        top_p: a draw is among the most probable tokens that together have this probability.
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
