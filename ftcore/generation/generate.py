"""Writing texts with a language model: prompts in, new tokens out."""

from collections.abc import Mapping

import numpy as np

from ftcore.contract import Learner
from ftcore.contract.network import Network
from ftcore.generation.beams import search_beams
from ftcore.generation.choices import greedy, sampling
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
    """Return the new tokens of a batch: for a decoder what comes after each prompt, else the text for each source.

    Every row is what it would be alone, within rounding.

    Args:
        learner: holds the network.
        network: its description.
        inputs: `input_ids` and `attention_mask`, int32 [rows, length], padded on the right; for an encoder-decoder
            also `decoder_input_ids`, int32 [rows, target length], where its texts begin with more than the start token.
        settings: which search, and its numbers.
        tokens: of the model's files (`generation_tokens`).
        example_ids: int64 [rows], which key the draws of sampling; default: the rows' numbers.

    Returns:
        Token ids of each row, ending with the stop token where one was written.

    Raises:
        BackendError: the network is no language model that writes.
        DataError: a prompt is empty, or there is no room for so many new tokens.
        ModelError: an encoder-decoder's text has nothing to begin with.
    """
    given = prompts(network, inputs, tokens, settings.max_new_tokens)
    rules = rules_of(settings, tokens, given.begins)
    decoding = learner.decoding(given.inputs)
    if settings.method == "beam":
        return search_beams(decoding, given.tokens, rules, settings, tokens.stop)
    ids = np.arange(len(given.tokens)) if example_ids is None else example_ids
    choose = sampling(settings, ids) if settings.method == "sampling" else greedy
    return write_one_sequence(decoding, given.tokens, rules, choose, tokens.stop, settings.max_new_tokens)
