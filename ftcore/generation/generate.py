"""Generates new tokens from prompts with a language model."""

from collections.abc import Mapping

import numpy as np

from ftcore.contract import Learner
from ftcore.contract.network import Network
from ftcore.generation.beams import search_beams
from ftcore.generation.choices import greedy, sampling
from ftcore.generation.finite import FiniteDecoding
from ftcore.generation.one_sequence import write_one_sequence
from ftcore.generation.prompts import prompts
from ftcore.generation.rules import rules_of
from ftcore.generation.settings import GenerationSettings
from ftcore.generation.tokens import GenerationTokens


def generate(
    learner: Learner,
    network: Network,
    inputs: Mapping[str, np.ndarray],
    settings: GenerationSettings,
    tokens: GenerationTokens,
    example_ids: np.ndarray | None = None,
) -> list[list[int]]:
    """Return the new tokens of a batch: for a decoder those after each prompt, else the text for each source.

    Each row's result does not depend on the others, up to rounding.

    Args:
        learner: holds the network.
        network: its description.
        inputs: `input_ids` and `attention_mask`, int32 [rows, length], padded on the right; for an encoder-decoder
            also `decoder_input_ids`, int32 [rows, target length], if its texts begin with more than the start token.
        settings: the search method and its parameters.
        tokens: the tokens in the model's files (`generation_tokens`).
        example_ids: int64 [rows], which key the draws of sampling; default: the row numbers.

    Returns:
        Token ids of each row, ending with the stop token if one was generated.

    Raises:
        BackendError: the network is not a language model that generates text.
        DataError: a prompt is empty, or leaves too little room for new tokens.
        NotFiniteError: the logits of a row are not finite.
        ModelError: the model's files specify no start token for an encoder-decoder.
    """
    given = prompts(network, inputs, tokens, settings.max_new_tokens)
    rules = rules_of(settings, tokens, given.begins)
    decoding = FiniteDecoding(learner.decoding(given.inputs))
    if settings.method == "beam":
        return search_beams(decoding, given.tokens, rules, settings, tokens.stop)
    ids = np.arange(len(given.tokens)) if example_ids is None else example_ids
    choose = sampling(settings, ids) if settings.method == "sampling" else greedy
    return write_one_sequence(decoding, given.tokens, rules, choose, tokens.stop, settings.max_new_tokens)
