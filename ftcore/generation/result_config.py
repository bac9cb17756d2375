"""Translates the settings of generation to the fields of a result's generation_config.json."""

from collections.abc import Mapping
from typing import Any

from ftcore.generation.settings import GenerationSettings
from ftcore.generation.tokens import GenerationTokens

TOKEN_FIELDS = (
    *("pad_token_id", "bos_token_id", "eos_token_id", "decoder_start_token_id"),
    *("forced_bos_token_id", "forced_eos_token_id"),
    *("bad_words_ids", "suppress_tokens", "begin_suppress_tokens"),
)
"""The fields of a model's generation_config.json that ftcore follows, and a result keeps."""
WITHOUT_EFFECT = ("transformers_version", "_from_model_config", "use_cache", "cache_implementation")
"""Fields that do not change which text is written; a result keeps them."""
OF_SAMPLING = ["temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff"]
OF_BEAMS = ["length_penalty", "early_stopping", "num_beam_groups", "diversity_penalty"]
UNSET: tuple[Any, ...] = (None, {}, [])


def result_generation(
    given: Mapping[str, Any], settings: GenerationSettings, tokens: GenerationTokens
) -> dict[str, Any]:
    """Return a result's generation_config.json, with which transformers' `generate` writes what ftcore writes.

    Args:
        given: the content of the model's file.
        settings: the settings of the run.
        tokens: the tokens of the run, which end a text.
    """
    kept = {name: value for name, value in given.items() if name in (*TOKEN_FIELDS, *WITHOUT_EFFECT)}
    stop = {"eos_token_id": tokens.stop[0] if len(tokens.stop) == 1 else list(tokens.stop)} if tokens.stop else {}
    return {**kept, **stop, **search_fields(settings)}


def unfollowed(given: Mapping[str, Any], settings: GenerationSettings) -> dict[str, Any]:
    """Return the fields of a model's generation_config.json that say something else than the settings of a run."""
    followed = [*TOKEN_FIELDS, *WITHOUT_EFFECT]
    followed += [] if given.get("do_sample") else OF_SAMPLING
    followed += [] if given.get("num_beams", 1) != 1 else OF_BEAMS
    said = {name: value for name, value in given.items() if name not in followed and value not in UNSET}
    own = {**NEUTRAL, **search_fields(settings)}
    return {name: value for name, value in said.items() if own.get(name, UNSET) != value}


NEUTRAL: dict[str, Any] = {
    "do_sample": False,
    "num_beams": 1,
    "min_length": 0,
    "min_new_tokens": 0,
    "no_repeat_ngram_size": 0,
    "repetition_penalty": 1.0,
    "length_penalty": 1.0,
    "early_stopping": False,
    "temperature": 1.0,
    "top_p": 1.0,
    "num_beam_groups": 1,
    "num_return_sequences": 1,
    "diversity_penalty": 0.0,
    "encoder_repetition_penalty": 1.0,
    "encoder_no_repeat_ngram_size": 0,
    "typical_p": 1.0,
    "epsilon_cutoff": 0.0,
    "eta_cutoff": 0.0,
    "remove_invalid_values": False,
    "renormalize_logits": False,
    "output_attentions": False,
    "output_hidden_states": False,
    "output_scores": False,
    "output_logits": False,
    "return_dict_in_generate": False,
}
"""Fields of transformers, and the values with which they change nothing."""


def search_fields(settings: GenerationSettings) -> dict[str, Any]:
    """Return the settings as transformers' fields."""
    common = {
        "max_new_tokens": settings.max_new_tokens,
        "min_new_tokens": settings.min_new_tokens or None,
        "no_repeat_ngram_size": settings.no_repeat_ngram or None,
        "repetition_penalty": settings.repetition_penalty if settings.repetition_penalty != 1 else None,
    }
    said = {name: value for name, value in common.items() if value is not None}
    return {**said, **SEARCHES[settings.method](settings)}


def _beam(settings: GenerationSettings) -> dict[str, Any]:
    return {
        "do_sample": False,
        "num_beams": settings.beams,
        "length_penalty": settings.length_penalty,
        "early_stopping": settings.early_stopping,
    }


def _sampling(settings: GenerationSettings) -> dict[str, Any]:
    return {
        "do_sample": True,
        "num_beams": 1,
        "temperature": settings.temperature,
        "top_k": settings.top_k,
        "top_p": settings.top_p,
    }


def _greedy(settings: GenerationSettings) -> dict[str, Any]:
    return {"do_sample": False, "num_beams": 1}


SEARCHES = {"greedy": _greedy, "beam": _beam, "sampling": _sampling}
"""The fields of each method."""
