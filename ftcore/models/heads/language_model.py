"""The head of a language model, with logits over the vocabulary; it belongs to the pretrained model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ftcore.contract.network import Architecture, Network, TokenHead
from ftcore.contract.weights import Checkpoint
from ftcore.errors import ModelError
from ftcore.models.config import CONFIG, notes_of_ignored, read_language_model_family, unread_fields
from ftcore.models.families import LANGUAGE_MODELS, LanguageModelFamily
from ftcore.models.generation_config import generation_config
from ftcore.models.heads.base import Described, Fitted
from ftcore.models.matching import known_names
from ftcore.models.result_config import plain_config

TIES = "tie_word_embeddings"
UNTIED = (
    f"{CONFIG} ties the token table and {{!r}}, but the checkpoint has different values for them: they are not tied, "
    "as in transformers, which warns of it"
)


@dataclass(frozen=True)
class LanguageModelHead:
    """Maps the hidden state of every token to a logit for each token of the vocabulary; see HeadKind."""

    name: ClassVar[str] = "language-model"
    joins_parts: ClassVar[bool] = True

    @property
    def outputs(self) -> int:
        """0: as many logits as the vocabulary has tokens."""
        return 0

    def family(self, folder: Path, config: Mapping[str, Any]) -> LanguageModelFamily:
        """Return the family of a config, which must have a language model."""
        return read_language_model_family(folder, config)

    def head(self, described: Described) -> TokenHead:
        """Return the family's head, whose last linear map is the token table if the config ties them."""
        family = LANGUAGE_MODELS[described.architecture.family]
        return family.token_head(described.architecture, family.is_tied(described.config))

    def names(self, described: Described) -> frozenset[str]:
        """Return every possible checkpoint name of the parameters, including the last linear map."""
        family = LANGUAGE_MODELS[described.architecture.family]
        return known_names(Network(described.architecture, family.token_head(described.architecture, False)), family)

    def fitted(self, described: Described, checkpoint: Checkpoint, of_file: bool) -> Fitted:
        """Return the network with the checkpoint's head, which has its own weight if that differs from the table."""
        family, config = LANGUAGE_MODELS[described.architecture.family], described.config
        ties = family.is_tied(config)
        tied = ties and _is_table(checkpoint, family, described.architecture)
        network = Network(described.architecture, family.token_head(described.architecture, tied))
        # T5's families always tie in their own layout, so that a config may rightly say that they do not.
        contradicts = ties and not tied and config.get(TIES) is not False
        return Fitted(network, network.tensors, notes=(UNTIED.format(family.head_weight),) if contradicts else ())

    def ignored_fields(self, config: Mapping[str, Any]) -> list[str]:
        """Return the fields of a config that change nothing in ftcore's language model."""
        family = LANGUAGE_MODELS[config["model_type"]]
        return unread_fields(
            config, lambda: family.token_head(family.architecture(config, None), family.is_tied(config))
        )

    def notes_from_scratch(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the note about fields of the config that change nothing."""
        return tuple(notes_of_ignored(self.ignored_fields(config)))

    def generation(self, architecture: Architecture, folder: Path | None) -> Mapping[str, Any]:
        """Return the settings in generation_config.json, else those in the config."""
        return generation_config(architecture, folder)

    def result_class(self, network: Network) -> str:
        """Return the language model's class."""
        return LANGUAGE_MODELS[network.architecture.family].language_model_class

    def is_apart(self, network: Network) -> bool:
        """Return false: transformers has every language model."""
        return False

    def result_config(self, network: Network, labels: Sequence[str], problem_type: str, dtype: str) -> dict[str, Any]:
        """Return config.json of a result; it has no labels."""
        return plain_config(network, self.result_class(network), dtype)

    def facts(self, network: Network) -> dict[str, Any]:
        """Return the fields of ftcore.json for the head."""
        return {"head": self.name}

    def write_further(self, folder: Path, network: Network, description: Mapping[str, Any]) -> list[str]:
        """Write nothing."""
        return []

    def result_notes(self, network: Network) -> list[str]:
        """Return nothing: transformers loads every result."""
        return []


def _is_table(checkpoint: Checkpoint, family: LanguageModelFamily, architecture: Architecture) -> bool:
    """Return whether the head's weight is the token table; whatever the config says, a different one is not.

    Raises:
        ModelError: another copy of the table differs from it.
    """
    table = architecture.token_tables[-1].name
    stored = next((name for name in family.aliases(table) if name in checkpoint), None)
    differing = [
        name
        for name in (family.head_weight, *family.table_copies)
        if stored is not None and name in checkpoint and not _same(checkpoint, name, stored)
    ]
    if others := [name for name in differing if name != family.head_weight]:
        raise ModelError(f"{checkpoint.path}: {others[0]!r} and {stored!r} differ, but are one table in this family")
    return not differing


def _same(checkpoint: Checkpoint, one: str, other: str) -> bool:
    return checkpoint.shape(one) == checkpoint.shape(other) and bool(
        np.array_equal(checkpoint.read(one), checkpoint.read(other))
    )
