"""The head of embeddings: the pooled vector of a sequence, without logits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from ftcore.contract.network import Architecture, Head, Network, Pooling
from ftcore.contract.weights import Checkpoint
from ftcore.models.description import LENGTH
from ftcore.models.families import FAMILIES, Family
from ftcore.models.heads.base import Described, Fitted
from ftcore.models.heads.sequence import Pair, pooled_facts, pooled_head
from ftcore.models.heads.task_head import TaskHead
from ftcore.models.result_config import vector_config
from ftcore.models.sentence_files import write_sentence_files
from ftcore.models.sentence_reading import notes_of_training, vector_reading
from ftcore.models.settings import normalize_of, pooling_of


@dataclass(frozen=True)
class VectorHead(TaskHead):
    """The pooled vector of each sequence.

    A result is the family's plain model, with the files that sentence-transformers needs to load it.

    Attributes:
        pair: "separate" if an example has several sequences, each with its vector; "joint" if it has one.
    """

    pair: Pair = "separate"

    name: ClassVar[str] = "vector"

    @property
    def outputs(self) -> int:
        """0: there are no logits."""
        return 0

    def head(self, described: Described) -> Head:
        """Return the head without a classifier, with the pooling of the spec, else of the folder's files."""
        return replace(pooled_head(described, self._said(described), 0, self.pair), vectors=True)

    def fitted(self, described: Described, checkpoint: Checkpoint, of_file: bool) -> Fitted:
        """Return the plan's part of the head, with notes about settings of the folder that a training leaves out."""
        found = super().fitted(described, checkpoint, of_file)
        return replace(found, notes=(*found.notes, *notes_of_training(described.folder)))

    def _said(self, described: Described) -> Mapping[str, Any]:
        """Return `pooling` and `normalize` from ftcore.json or other files of the folder."""
        spec, said = described.spec, described.said
        if said.get("head") == self.name or (pooling_of(spec) is not None and normalize_of(spec) is not None):
            return said
        return vector_reading(described.folder, _usual_pooling(FAMILIES[described.architecture.family]))

    def any_head(self, architecture: Architecture) -> Head:
        """Return the family's head."""
        family = FAMILIES[architecture.family]
        return family.head(architecture, 1, family.pooling, "joint")

    @classmethod
    def transformers_class(cls, family: str) -> str:
        """Return the plain model's class."""
        return FAMILIES[family].body_class

    def is_apart(self, network: Network) -> bool:
        """Return whether transformers has the family's model."""
        return bool(FAMILIES[network.architecture.family].body_class)

    def result_config(self, network: Network, labels: Sequence[str], problem_type: str, dtype: str) -> dict[str, Any]:
        """Return config.json of a result, which has no labels."""
        return vector_config(network, self.result_class(network), dtype)

    def facts(self, network: Network) -> dict[str, Any]:
        """Return the fields of ftcore.json for the head."""
        return {"head": self.name, "outputs": 0, **pooled_facts(network)}

    def write_further(self, folder: Path, network: Network, description: Mapping[str, Any]) -> list[str]:
        """Write the files of sentence-transformers if transformers has the network."""
        if isinstance(network.head, Head) and self.is_apart(network):
            length = description.get("max_length", LENGTH)
            return write_sentence_files(folder, network.architecture, network.head, length)
        return []


def _usual_pooling(family: Family) -> Pooling:
    # A pooler was not trained to make vectors that can be compared.
    return "mean" if family.body_class else family.pooling
