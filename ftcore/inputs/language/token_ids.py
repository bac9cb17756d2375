"""Checks that the token ids in a language model's files are ids of its vocabulary."""

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from ftcore.contract.network import EncoderDecoder
from ftcore.errors import ModelError
from ftcore.generation import generation_tokens
from ftcore.models import CONFIG, GENERATION_CONFIG, ModelPlan

START = "decoder_start_token_id"


def check_token_ids(model: ModelPlan) -> None:
    """Check the ids that are looked up in the token table or among the logits.

    Raises:
        ModelError: one lies beyond the vocabulary; the message names its field.
    """
    vocabulary = model.network.head.outputs
    for name, ids in _used(model).items():
        if beyond := [identity for identity in ids if not 0 <= identity < vocabulary]:
            raise ModelError(
                f"{model.tokenizer_folder}: {name} has {beyond[0]}, but must have ids from 0 to {vocabulary - 1} "
                f"({CONFIG}, {GENERATION_CONFIG})"
            )


def _used(model: ModelPlan) -> Mapping[str, Iterable[int]]:
    """Return the ids by field."""
    tokens, config = generation_tokens(Path(GENERATION_CONFIG), model.generation), model.network.architecture.config
    starts = (tokens.start, config.get(START)) if isinstance(model.network.architecture.body, EncoderDecoder) else ()
    return {
        START: [identity for identity in starts if identity is not None],
        "forced_bos_token_id": [] if tokens.forced_first is None else [tokens.forced_first],
        "forced_eos_token_id": tokens.forced_last,
        "suppress_tokens": tokens.suppressed,
        "begin_suppress_tokens": tokens.suppressed_first,
        "bad_words_ids": chain.from_iterable(tokens.forbidden),
    }
