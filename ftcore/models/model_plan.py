"""The plan of a network: its description, its values and their source."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract.network import Network


@dataclass(frozen=True)
class ModelPlan:
    """A network with its values and their source.

    Attributes:
        network: the description of the network.
        tensors: every parameter and buffer by its checkpoint name, of its own shape, in the stored type; new ones are
            float32.
        source: folder or file of the weights; None from scratch.
        tokenizer_folder: folder of the tokenizer's files; for images, of preprocessor_config.json.
        dtype: the checkpoint's type, in which a result is written; "float32" from scratch.
        new: names of the parameters that were drawn.
        ignored: names of known tensors in the checkpoint that are not needed.
        labels: the checkpoint's label names, if its head is kept and has them.
        weights_sha256: hash of the checkpoint's file; None from scratch.
        notes: notes for the user about wrappers and names in the checkpoint.
        target_tokenizer_folder: folder of the tokenizer of an encoder-decoder's target; None if there is only one.
        generation: content of generation_config.json; {} for a network that generates nothing.
        tokenizer_json: the content of tokenizer.json if it differs from the folder's because of added tokens.
        is_unnamed: whether the checkpoint's head is kept, and its folder does not name its outputs.
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
    is_unnamed: bool = False

    @property
    def is_pretrained(self) -> bool:
        """Whether the values come from the folder that describes the network."""
        return self.source == self.tokenizer_folder


def with_generation(plan: ModelPlan, fields: Mapping[str, Any]) -> ModelPlan:
    """Return a plan with other fields of generation in config.json and generation_config.json.

    Args:
        plan: the plan of a language model that generates.
        fields: such as decoder_start_token_id; `ftcore.text.Languages.generation` gives those of languages.
    """
    architecture = plan.network.architecture
    said = replace(architecture, config={**architecture.config, **fields})
    return replace(plan, network=replace(plan.network, architecture=said), generation={**plan.generation, **fields})
