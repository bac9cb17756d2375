"""Plans an encoder-decoder of two BERTs, each from a checkpoint (Rothe et al. 2020) or drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract.network import DECODER, ENCODER, TABLE_PATH, Network, Parameter, TokenHead
from ftcore.contract.weights import Checkpoint
from ftcore.errors import ModelError
from ftcore.models.config import CONFIG, read_architecture
from ftcore.models.families.bert import Bert
from ftcore.models.families.bert2bert import DECODES, Bert2Bert
from ftcore.models.generation_config import generation_config
from ftcore.models.initial import drawn_tensors
from ftcore.models.matching import known_names, match, read_tensors
from ftcore.models.model_plan import ModelPlan
from ftcore.models.places import Places
from ftcore.text import check_tokenizer, special_tokens

BERT, FAMILY = Bert(), Bert2Bert()
TABLE = "bert.embeddings.word_embeddings.weight"
"""BERT's token table."""
CROSS_ATTENTION = ".cross_attention."
"""Part of the canonical paths of a decoder's cross-attention; paths of its self-attention have ".attention."."""
OF_VOCABULARY = (TABLE_PATH, "classifier.bias")
"""Ends of the canonical paths of parameters with a row or a number for each token."""


def plan_bert2bert(encoder: Places, decoder: Places, dropout: float | None = None, seed: int = 0) -> ModelPlan:
    """Return an encoder-decoder with the values of two BERTs; its cross-attention is drawn.

    The decoder's head is that of a masked language model if its folder has one; otherwise all of it but the table is
    drawn.

    Args:
        encoder: the part that reads a text.
        decoder: the part that generates one; may be the same folder.
        dropout: replaces every dropout rate of the configs, or None.
        seed: seed of the new parameters.

    Raises:
        ModelError: a folder holds no BERT that ftcore supports, or the two do not fit together.
    """
    architecture = read_architecture(encoder.architecture, _config(encoder, decoder), FAMILY, dropout)
    network = Network(architecture, FAMILY.token_head(architecture, tied=True))
    parts = {ENCODER: encoder, DECODER: decoder}
    for part, table in zip(parts.values(), architecture.token_tables, strict=True):
        check_tokenizer(part.tokenizer, table.shape[0])
    checkpoints = {
        path: Checkpoint.open(part.weights, known_names(network, _Names(path)))
        for path, part in parts.items()
        if part.weights is not None
    }
    tensors: dict[str, np.ndarray] = {}
    ignored: list[str] = []
    for path, checkpoint in checkpoints.items():
        stored = _stored_part(network, path, parts[path].fits_tokenizer, checkpoint)
        matched = match(checkpoint, stored, _Names(path), stored.tensors)
        tensors |= read_tensors(checkpoint, stored, matched)
        ignored += matched.ignored
    new = tuple(parameter for parameter in network.tensors if parameter.name not in tensors)
    types = {checkpoint.dtype for checkpoint in checkpoints.values()}
    return ModelPlan(
        network=network,
        tensors=tensors | drawn_tensors(new, architecture, seed),
        source=next((checkpoint.path for checkpoint in checkpoints.values()), None),
        tokenizer_folder=encoder.tokenizer,
        dtype=types.pop() if len(types) == 1 else "float32",
        new=tuple(parameter.name for parameter in new if parameter.role != "constant"),
        ignored=tuple(ignored),
        labels=None,
        weights_sha256=checkpoints[ENCODER].sha256() if ENCODER in checkpoints else None,
        notes=(
            *(note for one in checkpoints.values() for note in one.notes),
            *([_decoder_note(decoder.architecture, checkpoints[DECODER])] if DECODER in checkpoints else []),
        ),
        target_tokenizer_folder=None if decoder.tokenizer == encoder.tokenizer else decoder.tokenizer,
        generation=generation_config(architecture),
    )


def with_copied_cross_attention(plan: ModelPlan) -> ModelPlan:
    """Return a plan in which the decoder's cross-attention starts as a copy of its self-attention, with the norms.

    From the first step, the decoder then attends to parts of the encoder's output that resemble its own text. The idea
    is that of DeltaLM (Ma et al. 2021), which interleaves blocks.

    Args:
        plan: a result of `plan_bert2bert` with a decoder from a checkpoint.
    """
    names = {parameter.path: parameter.name for parameter in plan.network.tensors}
    copied = {
        name: plan.tensors[names[path.replace(CROSS_ATTENTION, ".attention.")]].copy()
        for path, name in names.items()
        if CROSS_ATTENTION in path
    }
    new = tuple(name for name in plan.new if name not in copied)
    return replace(plan, tensors={**plan.tensors, **copied}, new=new)


@dataclass(frozen=True)
class _Names:
    """The names of a BERT in one part of the encoder-decoder, ENCODER or DECODER."""

    part: str

    def aliases(self, name: str) -> tuple[str, ...]:
        own = name.removeprefix(self.part)
        return BERT.aliases(f"{BERT.prefix}{own}" if self.part == ENCODER else own)

    def ignores(self, name: str) -> bool:
        # A token table that is not read belongs to another tokenizer.
        return BERT.ignores(name) or name in BERT.aliases(TABLE)


def _config(encoder: Places, decoder: Places) -> dict[str, Any]:
    tokens = special_tokens(decoder.tokenizer)
    return {
        "model_type": FAMILY.name,
        "is_encoder_decoder": True,
        "encoder": {**_bert_config(encoder), **dict.fromkeys(DECODES, False)},
        "decoder": {**_bert_config(decoder), **dict.fromkeys(DECODES, True)},
        "pad_token_id": tokens.pad,
        "bos_token_id": tokens.begin,
        "eos_token_id": tokens.end,
        "decoder_start_token_id": tokens.begin,
    }


def _bert_config(part: Places) -> Mapping[str, Any]:
    config = part.config()
    if config.get("model_type") != BERT.name:
        raise ModelError(
            f"{part.architecture / CONFIG}: model_type is {config.get('model_type')!r}, but must be {BERT.name!r}"
        )
    return config


def _stored_part(network: Network, path: str, fits_tokenizer: bool, checkpoint: Checkpoint) -> Network:
    """Return the parameters of one part in a BERT's checkpoint: no cross-attention, nothing of another tokenizer."""
    architecture, names = network.architecture, _Names(path)
    drawn = OF_VOCABULARY if fits_tokenizer else ()

    def stored(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
        return tuple(one for one in parameters if not one.path.endswith(drawn))

    of_body = tuple(one for one in architecture.parameters if one.path.startswith(path))
    of_head = stored(network.head.parameters) if path == DECODER else ()
    has_head = any(alias in checkpoint for one in of_head for alias in names.aliases(one.name))
    if not isinstance(network.head, TokenHead):
        raise TypeError("an encoder-decoder has a language model's head")
    return Network(
        replace(
            architecture,
            parameters=tuple(one for one in stored(of_body) if CROSS_ATTENTION not in one.path),
            buffers=tuple(one for one in architecture.buffers if one.path.startswith(path)),
        ),
        replace(network.head, parameters=of_head if has_head else ()),
    )


def _decoder_note(folder: Path, checkpoint: Checkpoint) -> str:
    return f"{folder.name}: the decoder's weights, sha256 {checkpoint.sha256()}"
