"""Generates texts by greedy search, beam search or sampling from a backend's logits."""

from ftcore.generation.generate import generate
from ftcore.generation.result_config import result_generation, unfollowed
from ftcore.generation.settings import GenerationSettings
from ftcore.generation.spec_part import GenerationSpec
from ftcore.generation.tokens import GenerationTokens, generation_tokens

__all__ = [
    "GenerationSettings",
    "GenerationSpec",
    "GenerationTokens",
    "generate",
    "generation_tokens",
    "result_generation",
    "unfollowed",
]
