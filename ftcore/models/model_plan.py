"""A network and where its values come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract.network import Network


@dataclass(frozen=True)
class ModelPlan:
    """A network and where its values come from.

    Attributes:
        network: what a backend builds.
        tensors: every parameter and buffer by its checkpoint name, in the stored type; new ones are float32.
        source: folder or file of the weights; None from scratch.
        tokenizer_folder: folder of the tokenizer's files; of a network of images, of preprocessor_config.json.
        dtype: the checkpoint's type, in which a result is written; "float32" from scratch.
        new: names of the parameters that were drawn.
        ignored: names of the checkpoint's tensors that are known and not needed.
        labels: the checkpoint's own label names, where its head is kept and has them.
        weights_sha256: of the checkpoint's file; None from scratch.
        notes: what was recognised around the checkpoint's tensors, for the user.
        target_tokenizer_folder: folder of the tokenizer of what an encoder-decoder writes; None where it has one alone.
        generation: what generation_config.json says; {} of what is no language model, or generates nothing.
        tokenizer_json: the content of tokenizer.json where it is not that of the folder: it has added tokens.
    """

    network: Network
    tensors: dict[str, np.ndarray]
    source: Path | None
    tokenizer_folder: Path
    dtype: str
    new: tuple[str, ...]
    ignored: tuple[str, ...]
    labels: list[str] | None
    weights_sha256: str | None
    notes: tuple[str, ...] = ()
    target_tokenizer_folder: Path | None = None
    generation: Mapping[str, Any] = field(default_factory=dict)
    tokenizer_json: str | None = None

    @property
    def is_pretrained(self) -> bool:
        """Whether the values are those of the folder that describes the network."""
        return self.source == self.tokenizer_folder


def with_generation(plan: ModelPlan, fields: Mapping[str, Any]) -> ModelPlan:
    """Return a plan whose config.json and generation_config.json have other fields of generation.

    Args:
        plan: of a language model that generates.
        fields: such as decoder_start_token_id; `ftcore.text.Languages.generation` gives those of languages.
    """
    architecture = plan.network.architecture
    said = replace(architecture, config={**architecture.config, **fields})
    return replace(plan, network=replace(plan.network, architecture=said), generation={**plan.generation, **fields})
