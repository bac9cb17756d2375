"""Generates texts with a language model for the examples of a split."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ftcore.contract import Learner
from ftcore.data import Dataset
from ftcore.errors import NotFiniteError
from ftcore.generation import GenerationSettings, GenerationSpec, GenerationTokens, generate, generation_tokens
from ftcore.inputs.language import LanguageExamples, LanguagePreparer
from ftcore.models import GENERATION_CONFIG, ModelPlan
from ftcore.text import Tokenizer

TOGETHER = 32
"""Number of texts that are generated at once."""
CHUNK = 1024
"""Number of examples that are sorted by length before they are divided into batches."""


@dataclass(frozen=True)
class Writer:
    """Generates texts with one model.

    Attributes:
        learner: runs the model.
        preparer: makes prompts, and holds the model and its tokenizers.
        settings: how the next token is chosen.
        tokens: the generation tokens that the model's files specify.
    """

    learner: Learner
    preparer: LanguagePreparer
    settings: GenerationSettings
    tokens: GenerationTokens

    def write(self, dataset: Dataset, keys: np.ndarray | None = None) -> Iterator[str]:
        """Yield the text for each example, in order.

        Args:
            dataset: the examples.
            keys: int64 [examples], which key the draws of each example; None for its index.
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
        try:
            found = generate(self.learner, network, prompts, self.settings, self.tokens, keys)
        except NotFiniteError as error:
            raise NotFiniteError(str(error), None if error.example is None else int(ids[error.example])) from error
        return self.preparer.tokenizers.target.decode([self._ended(new) for new in found])

    def _ended(self, new: list[int]) -> list[int]:
        """Return new tokens without the end token."""
        return new[:-1] if new and new[-1] in self.tokens.stop else new


def generation_tokens_of(model: ModelPlan, tokenizer: Tokenizer, generation: GenerationSpec) -> GenerationTokens:
    """Return the tokens that begin and end a model's texts, from its files and its tokenizer."""
    said, end = generation_tokens(Path(GENERATION_CONFIG), model.generation), tokenizer.token_id("eos_token")
    ends = replace(said, stop=tuple(dict.fromkeys([*said.stop, *([] if end is None else [end])])))
    return ends.stopping_at(generation.stop_tokens, tokenizer.id_of)


def references_of(dataset: Dataset) -> list[list[str]]:
    """Return the reference texts of each example.

    Raises:
        TypeError: the examples are not texts of a language model.
    """
    if not isinstance(dataset, LanguageExamples):
        raise TypeError("these examples have no references")
    return dataset.references(np.arange(len(dataset)))
