"""Prepares prompts for generation and checks that there is room for new tokens."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ftcore.contract.network import EncoderDecoder, Network, TokenHead, Transformer
from ftcore.errors import BackendError, DataError, ModelError
from ftcore.generation.tokens import GenerationTokens

NO_TOKEN = -1
"""Replaces padding where tokens are compared."""


@dataclass(frozen=True)
class Prompts:
    """A batch of prompts.

    Attributes:
        inputs: the inputs for `Learner.decoding`; see `Batch`.
        tokens: int32 [rows, length], the tokens before the new ones; NO_TOKEN to the left of shorter prompts.
        begins: whether the new tokens begin a text (of an encoder-decoder), so that forced_first applies.
    """

    inputs: Mapping[str, np.ndarray]
    tokens: np.ndarray
    begins: bool


def prompts(
    network: Network, inputs: Mapping[str, np.ndarray], tokens: GenerationTokens, max_new_tokens: int
) -> Prompts:
    """Return the prompts of a batch's inputs, padded on the right.

    Args:
        network: the language model.
        inputs: input_ids and attention_mask, int32 [rows, length].
        tokens: the tokens that a text begins with.
        max_new_tokens: the number of new tokens that need room.

    Raises:
        BackendError: the network is not a language model that generates text.
        DataError: a prompt is empty, or it and the new tokens exceed the model's positions.
        ModelError: the model's files specify no start token for an encoder-decoder.
    """
    body = network.architecture.body
    if not isinstance(network.head, TokenHead) or network.head.of_task:
        raise BackendError("generation needs a language model's head, but this network has that of another task")
    if isinstance(body, EncoderDecoder):
        return _of_texts(body, inputs, tokens, max_new_tokens)
    if not isinstance(body, Transformer) or not body.attention.causal:
        raise BackendError(f"a {network.architecture.family} reads whole texts: it cannot generate one")
    return _of_decoder(body, inputs, max_new_tokens)


def _of_texts(
    body: EncoderDecoder, inputs: Mapping[str, np.ndarray], tokens: GenerationTokens, max_new_tokens: int
) -> Prompts:
    source = {name: inputs[name] for name in ("input_ids", "attention_mask")}
    _check_room("a source text", source["attention_mask"], body.encoder, 0)
    begun = inputs.get("decoder_input_ids")
    if begun is None:
        begun = _starts(len(source["input_ids"]), tokens)
    _check_room("the begun text", np.ones_like(begun), body.decoder, max_new_tokens)
    return Prompts({**source, "decoder_input_ids": begun}, begun, begins=begun.shape[1] == 1)


def _starts(rows: int, tokens: GenerationTokens) -> np.ndarray:
    if tokens.start is None:
        raise ModelError("the model has no decoder_start_token_id: add it to its generation_config.json")
    return np.full((rows, 1), tokens.start, dtype=np.int32)


def _of_decoder(body: Transformer, inputs: Mapping[str, np.ndarray], max_new_tokens: int) -> Prompts:
    mask = inputs["attention_mask"]
    _check_room("a prompt", mask, body, max_new_tokens)
    # With padding on the left, all prompts end in the last column, and next tokens add one more column.
    shift = mask.shape[1] - mask.sum(axis=1)
    columns = (np.arange(mask.shape[1]) - shift[:, None]) % mask.shape[1]
    ids, moved = (np.take_along_axis(array, columns, axis=1) for array in (inputs["input_ids"], mask))
    return Prompts({"input_ids": ids, "attention_mask": moved}, np.where(moved == 0, NO_TOKEN, ids), begins=False)


def _check_room(what: str, mask: np.ndarray, body: Transformer, max_new_tokens: int) -> None:
    lengths = mask.sum(axis=1)
    if not lengths.all():
        raise DataError(f"{what} is empty (row {int(np.argmin(lengths))} of its batch): give at least one token")
    # The network does not read the last new token.
    needed = int(lengths.max()) + max(max_new_tokens - 1, 0)
    if needed > body.longest:
        new = f" and {max_new_tokens} new ones" if max_new_tokens else ""
        raise DataError(
            f"{what} of {int(lengths.max())} tokens{new} exceeds the {body.longest} positions of the model: "
            "shorten it, or lower max_new_tokens"
        )
