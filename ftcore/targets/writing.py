"""Texts that a language model writes for the examples of a split."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ftcore.contract import Learner
from ftcore.data import Dataset
from ftcore.generation import GenerationSettings, GenerationSpec, GenerationTokens, generate, generation_tokens
from ftcore.inputs.language import LanguageExamples, LanguagePreparer
from ftcore.models import GENERATION_CONFIG, ModelPlan
from ftcore.text import Tokenizer

TOGETHER = 32
"""Texts that are written at once."""
CHUNK = 1024
"""Examples among which those of like length are written at once."""


@dataclass(frozen=True)
class Writer:
    """Writes texts with one model.

    Attributes:
        learner: computes.
        preparer: makes prompts, and has the model and its tokenizers.
        settings: how the next token is chosen.
        tokens: what the model's files say.
    """

    learner: Learner
    preparer: LanguagePreparer
    settings: GenerationSettings
    tokens: GenerationTokens

    def write(self, dataset: Dataset, keys: np.ndarray | None = None) -> Iterator[str]:
        """Give the text for each example, in order.

        Args:
            dataset: the examples.
            keys: int64 [examples], what keys the draws of each; None for its place.
        """
        drawn_by = np.arange(len(dataset)) if keys is None else keys
        for start in range(0, len(dataset), CHUNK):
            ids = np.arange(start, min(start + CHUNK, len(dataset)))
            by_length = ids[np.argsort(dataset.lengths[ids], kind="stable")]
            written: dict[int, str] = {}
            for first in range(0, len(by_length), TOGETHER):
                together = by_length[first : first + TOGETHER]
                written |= zip(together.tolist(), self._written(dataset, together, drawn_by[together]), strict=True)
            yield from (written[number] for number in ids.tolist())

    def _written(self, dataset: Dataset, ids: np.ndarray, keys: np.ndarray) -> list[str]:
        network, prompts = self.preparer.model.network, self.preparer.prompts(dataset, ids)
        found = generate(self.learner, network, prompts, self.settings, self.tokens, keys)
        return self.preparer.tokenizers.target.decode([self._ended(new) for new in found])

    def _ended(self, new: list[int]) -> list[int]:
        """Return new tokens without the one that ended them."""
        return new[:-1] if new and new[-1] in self.tokens.stop else new


def generation_tokens_of(model: ModelPlan, tokenizer: Tokenizer, generation: GenerationSpec) -> GenerationTokens:
    """Return how a model's texts begin and end: as its files say, and where its tokenizer ends one."""
    said, end = generation_tokens(Path(GENERATION_CONFIG), model.generation), tokenizer.token_id("eos_token")
    ends = replace(said, stop=tuple(dict.fromkeys([*said.stop, *([] if end is None else [end])])))
    return ends.stopping_at(generation.stop_tokens, tokenizer.id_of)


def references_of(dataset: Dataset) -> list[list[str]]:
    """Return, for each example, every text that is right.

    Raises:
        TypeError: the examples are not texts of a language model.
    """
    if not isinstance(dataset, LanguageExamples):
        raise TypeError("these examples have no references")
    return dataset.references(np.arange(len(dataset)))
