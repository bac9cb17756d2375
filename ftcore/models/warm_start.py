"""An encoder-decoder that starts from two pretrained BERTs (Rothe et al. 2020)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.errors import ModelError
from ftcore.models.checkpoint import Checkpoint
from ftcore.models.config import CONFIG, read_architecture, read_config
from ftcore.models.families.bert import Bert
from ftcore.models.families.bert2bert import DECODES, Bert2Bert
from ftcore.models.matching import match
from ftcore.models.network import DECODER, ENCODER, Architecture, Network, TokenHead
from ftcore.models.plan import ModelPlan, drawn_tensors, read_tensors

BERT, FAMILY = Bert(), Bert2Bert()


def plan_bert2bert(encoder: Path, decoder: Path, dropout: float | None = None, seed: int = 0) -> ModelPlan:
    """Return an encoder-decoder with the values of two BERTs; its cross-attention is drawn.

    The decoder's head is that of a masked language model, where its folder has one, or else drawn but for the table.

    Args:
        encoder: the folder of the BERT that reads a text, and of the tokenizer.
        decoder: that of the BERT that writes one; the same folder may be given twice.
        dropout: replaces every dropout rate of the configs, or None.
        seed: keys the draws.

    Raises:
        ModelError: a folder holds no BERT that ftcore carries out, or the two do not fit together.
    """
    architecture = read_architecture(encoder, _config(encoder, decoder), FAMILY, dropout)
    network = Network(architecture, FAMILY.token_head(architecture, tied=True))
    checkpoints = {ENCODER: Checkpoint.open(encoder), DECODER: Checkpoint.open(decoder)}
    parts = {
        ENCODER: Network(_only(architecture, ENCODER), replace(network.head, parameters=())),
        DECODER: Network(_only(architecture, DECODER), _stored_head(network, checkpoints[DECODER])),
    }
    tensors: dict[str, np.ndarray] = {}
    ignored: list[str] = []
    for part, checkpoint in checkpoints.items():
        matched = match(checkpoint, parts[part], _Names(part), parts[part].tensors)
        tensors |= read_tensors(checkpoint, parts[part], matched)
        ignored += matched.ignored
    new = tuple(parameter for parameter in network.tensors if parameter.name not in tensors)
    types = {checkpoint.dtype for checkpoint in checkpoints.values()}
    return ModelPlan(
        network=network,
        tensors=tensors | drawn_tensors(new, architecture, seed),
        source=encoder,
        tokenizer_folder=encoder,
        dtype=types.pop() if len(types) == 1 else "float32",
        new=tuple(parameter.name for parameter in new if parameter.role != "constant"),
        ignored=tuple(ignored),
        labels=None,
        weights_sha256=checkpoints[ENCODER].sha256(),
        notes=(
            *(note for one in checkpoints.values() for note in one.notes),
            _decoder_note(decoder, checkpoints[DECODER]),
        ),
    )


@dataclass(frozen=True)
class _Names:
    """A BERT's names of what is a part of the encoder-decoder: ENCODER or DECODER."""

    part: str

    def aliases(self, name: str) -> tuple[str, ...]:
        own = name.removeprefix(self.part)
        return BERT.aliases(f"{BERT.prefix}{own}" if self.part == ENCODER else own)

    def ignores(self, name: str) -> bool:
        return BERT.ignores(name)


def _config(encoder: Path, decoder: Path) -> dict[str, Any]:
    configs = [_bert_config(folder) for folder in (encoder, decoder)]
    of_encoder, of_decoder = (
        {**config, **dict.fromkeys(DECODES, on)} for config, on in zip(configs, (False, True), strict=True)
    )
    return {
        "model_type": FAMILY.name,
        "is_encoder_decoder": True,
        "encoder": of_encoder,
        "decoder": of_decoder,
        "pad_token_id": of_decoder.get("pad_token_id", 0),
    }


def _bert_config(folder: Path) -> Mapping[str, Any]:
    config = read_config(folder)
    if config.get("model_type") != BERT.name:
        raise ModelError(f"{folder / CONFIG}: model_type is {config.get('model_type')!r}, and must be {BERT.name!r}")
    return config


def _only(architecture: Architecture, part: str) -> Architecture:
    """Return the architecture with what a BERT has of one part."""
    own = [one for one in architecture.parameters if one.path.startswith(part) and "cross_attention" not in one.path]
    buffers = [one for one in architecture.buffers if one.path.startswith(part)]
    return replace(architecture, parameters=tuple(own), buffers=tuple(buffers))


def _stored_head(network: Network, decoder: Checkpoint) -> TokenHead:
    """Return the head, without parameters where the decoder's checkpoint has none."""
    if not isinstance(network.head, TokenHead):
        raise TypeError("an encoder-decoder has a language model's head")
    names = [alias for one in network.head.parameters for alias in _Names(DECODER).aliases(one.name)]
    return network.head if any(name in decoder for name in names) else replace(network.head, parameters=())


def _decoder_note(folder: Path, checkpoint: Checkpoint) -> str:
    return f"{folder.name}: the decoder's weights, sha256 {checkpoint.sha256()}"
