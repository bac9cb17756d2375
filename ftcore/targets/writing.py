"""Texts that a language model writes: for a split's examples, and how they are judged."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ftcore.contract import Learner
from ftcore.contract.network import Network
from ftcore.data.dataset import Dataset
from ftcore.generation import GenerationSettings, GenerationTokens, generate
from ftcore.inputs.language.causal import CausalExamples
from ftcore.inputs.language.dataset import LanguageExamples
from ftcore.inputs.language.encoding import Texts
from ftcore.inputs.language.pairs import PairExamples
from ftcore.tasks import LanguageTask

TOGETHER = 32
"""Texts that are written at once."""
CHUNK = 1024
"""Examples among which those of like length are written at once."""


@dataclass(frozen=True)
class Writer:
    """Writes texts with one model.

    Attributes:
        learner, network: the model.
        texts: its tokenizers.
        settings: how the next token is chosen.
        tokens: what the model's files say.
    """

    learner: Learner
    network: Network
    texts: Texts
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
        found = generate(self.learner, self.network, _inputs(dataset, ids), self.settings, self.tokens, keys)
        return self.texts.target.decode([self._ended(new) for new in found])

    def _ended(self, new: list[int]) -> list[int]:
        """Return new tokens without the one that ended them."""
        return new[:-1] if new and new[-1] in self.tokens.stop else new


def judged(writer: Writer, task: LanguageTask, answer_pattern: str | None) -> Callable[[Dataset], dict[str, float]]:
    """Return what writes a split's texts and judges them by the references."""

    def judge(dataset: Dataset) -> dict[str, float]:
        if not isinstance(dataset, LanguageExamples):
            raise TypeError("these examples have no references")
        references = dataset.references(np.arange(len(dataset)))
        asked = np.flatnonzero([bool(texts) for texts in references])
        texts = list(writer.write(dataset.subset(asked), asked))
        return {} if not texts else task.judge(texts, [references[place] for place in asked], answer_pattern)

    return judge


def _inputs(dataset: Dataset, ids: np.ndarray) -> dict[str, np.ndarray]:
    if isinstance(dataset, PairExamples):
        return dataset.sources(ids)
    if isinstance(dataset, CausalExamples):
        return dataset.prompt_inputs(ids)
    raise TypeError(f"{type(dataset).__name__}: no text is written for these examples")
