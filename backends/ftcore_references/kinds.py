"""Computes a batch of each kind by plain transformers.

Texts are computed one by one: float64 attention gives nan if a padding token can only attend to padding.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn.functional import cross_entropy, pad

from ftcore.conformance.kinds import (
    ENCODER_DECODER,
    IMAGE_CLASSIFIER,
    LABELS,
    LANGUAGE_MODEL,
    QUESTION_ANSWERING,
    TEXT_CLASSIFIER,
)
from ftcore.contract import Batch

# Without a problem type, some families compute the loss from logits rounded to float32.
CLASSIFIER = {"num_labels": LABELS, "problem_type": "single_label_classification"}
EAGER = {"attn_implementation": "eager"}
OPTIONS: dict[str, dict[str, Any]] = {
    TEXT_CLASSIFIER.name: {**CLASSIFIER, **EAGER},
    LANGUAGE_MODEL.name: EAGER,
    QUESTION_ANSWERING.name: EAGER,
    ENCODER_DECODER.name: EAGER,
    # Eager attention would compute its softmax in float32 here, and images have no padding.
    IMAGE_CLASSIFIER.name: CLASSIFIER,
}
"""Additional config fields of a kind, beside the variant's."""


class Found(NamedTuple):
    """A model's results for a batch: logits and hidden states, zero at padding, and the mean loss."""

    logits: torch.Tensor
    loss: torch.Tensor
    hidden_states: list[torch.Tensor]


def _texts(model: Any, batch: Batch) -> Found:
    found = [_text(model, batch, row) for row in range(batch.examples)]
    loss = torch.stack([one.loss for one in found]).mean()
    return Found(torch.cat([one.logits for one in found]), loss, _layers(found))


def _text(model: Any, batch: Batch, row: int) -> Found:
    labels = torch.from_numpy(batch.targets["labels"][row : row + 1]).long()
    outputs = model(**_inputs(model, batch, row), labels=labels, output_hidden_states=True)
    return Found(outputs.logits, outputs.loss, _padded(outputs.hidden_states, batch.inputs["attention_mask"]))


def _tokens(model: Any, batch: Batch) -> Found:
    return _of_tokens([_labelled_text(model, batch, row) for row in range(batch.examples)], batch)


def _labelled_text(model: Any, batch: Batch, row: int) -> Found:
    outputs = model(**_inputs(model, batch, row), output_hidden_states=True)
    mask = batch.inputs["attention_mask"]
    (logits,) = _padded([outputs.logits], mask)
    return Found(logits, _loss(outputs.logits, batch, row), _padded(outputs.hidden_states, mask))


def _questions(model: Any, batch: Batch) -> Found:
    return _of_tokens([_question(model, batch, row) for row in range(batch.examples)], batch)


def _question(model: Any, batch: Batch, row: int) -> Found:
    start, end = (torch.from_numpy(batch.targets["labels"][row : row + 1, place]).long() for place in (0, 1))
    outputs = model(**_inputs(model, batch, row), start_positions=start, end_positions=end, output_hidden_states=True)
    mask = batch.inputs["attention_mask"]
    (logits,) = _padded([torch.stack([outputs.start_logits, outputs.end_logits], dim=-1)], mask)
    return Found(logits, outputs.loss, _padded(outputs.hidden_states, mask))


def _pairs(model: Any, batch: Batch) -> Found:
    return _of_tokens([_pair(model, batch, row) for row in range(batch.examples)], batch)


def _pair(model: Any, batch: Batch, row: int) -> Found:
    source, target = batch.inputs["attention_mask"], batch.inputs["decoder_attention_mask"]
    given = {
        name: torch.from_numpy(batch.inputs[name][row : row + 1, : int(mask[row].sum())]).long()
        for name, mask in (("input_ids", source), ("decoder_input_ids", target))
    }
    outputs = model(**given, output_hidden_states=True)
    states = _padded(outputs.encoder_hidden_states, source) + _padded(outputs.decoder_hidden_states, target)
    (logits,) = _padded([outputs.logits], target)
    return Found(logits, _loss(outputs.logits, batch, row), states)


def _images(model: Any, batch: Batch) -> Found:
    pixels = torch.from_numpy(batch.inputs["pixel_values"]).double()
    outputs = model(pixel_values=pixels, labels=torch.from_numpy(batch.targets["labels"]).long())
    body = model.base_model(pixel_values=pixels, output_hidden_states=True)
    # The last hidden state is from before the final norm.
    return Found(outputs.logits, outputs.loss, [*body.hidden_states[:-1], body.last_hidden_state])


def _of_tokens(found: list[Found], batch: Batch) -> Found:
    loss = torch.stack([one.loss for one in found]).sum() / float(batch.weights.sum())
    return Found(torch.cat([one.logits for one in found]), loss, _layers(found))


def _inputs(model: Any, batch: Batch, row: int) -> dict[str, torch.Tensor]:
    """Return the inputs of a single text, with token types if the model has a table of them."""
    length = int(batch.inputs["attention_mask"][row].sum())
    names = [*("input_ids", "attention_mask"), *(["token_type_ids"] if _has_token_types(model) else [])]
    return {name: torch.from_numpy(batch.inputs[name][row : row + 1, :length]).long() for name in names}


def _has_token_types(model: Any) -> bool:
    return bool(getattr(model.config, "type_vocab_size", 0))


def _loss(logits: torch.Tensor, batch: Batch, row: int) -> torch.Tensor:
    """Return the sum of the weighted losses of a row's labels; logits [1, length, tokens]."""
    length = logits.shape[1]
    labels = torch.from_numpy(batch.targets["labels"][row, :length]).long()
    weights = torch.from_numpy(batch.weights[row, :length].astype(np.float64))
    return (cross_entropy(logits[0], labels, reduction="none") * weights).sum()


def _padded(layers: Any, mask: np.ndarray) -> list[torch.Tensor]:
    """Return arrays [1, length, channels] with zeros up to the columns of the mask."""
    return [pad(layer, (0, 0, 0, mask.shape[1] - layer.shape[1])) for layer in layers]


def _layers(found: list[Found]) -> list[torch.Tensor]:
    return [torch.cat(states) for states in zip(*(one.hidden_states for one in found), strict=True)]


RUNS: dict[str, Callable[[Any, Batch], Found]] = {
    TEXT_CLASSIFIER.name: _texts,
    LANGUAGE_MODEL.name: _tokens,
    QUESTION_ANSWERING.name: _questions,
    ENCODER_DECODER.name: _pairs,
    IMAGE_CLASSIFIER.name: _images,
}
"""Functions that compute a batch of each kind."""
