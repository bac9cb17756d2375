"""Builds the batch that both networks compute: random inputs drawn from the seed, or texts of a file."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ftcore.conformance import batches
from ftcore.contract import Batch
from ftcore.contract.losses import AnswerSpan, Loss
from ftcore.contract.network import (
    EncoderDecoder,
    Features,
    Input,
    Network,
    Recurrent,
    TokenHead,
    Transformer,
    image_input,
)
from ftcore.contract.seeds import generator
from ftcore.errors import DataError
from ftcore.inputs.tokens import reads_tokens, texts_of_file
from ftcore.models import ModelPlan
from ftcore.text import Tokenizer

SEQUENCES, LONGEST, LONGEST_TEXT = 8, 32, 128
"""Sequences in a batch; the most tokens of a drawn sequence, and of one from a file."""
SIDE = 64
"""Height and width of a drawn image if the network accepts any size."""


def drawn_batch(network: Network, loss: Loss, seed: int) -> Batch:
    """Return 8 random examples of the network's inputs, with random labels.

    Sequences have 1 to 32 tokens (or at most the longest input of the network) over the whole vocabulary, or as many
    vectors. The padding token is used only as padding. The second half of a sequence has token type 1, if it exists.
    """
    return _labelled(network, DRAWN[network.architecture.reads](network, seed), loss, seed)


def text_batch(file: str, column: str, plan: ModelPlan, loss: Loss, seed: int) -> Batch:
    """Return the first rows of a file, tokenized to at most 128 tokens per sequence, with random labels.

    Raises:
        FtcoreError: the network does not read one text, the folder has no tokenizer, or the file or a row is invalid.
    """
    network, body = plan.network, plan.network.architecture.body
    if not reads_tokens(network.architecture) or isinstance(body, EncoderDecoder):
        raise DataError(
            f"--data gives one text per example, but {network.architecture.family} reads "
            f"{'two' if isinstance(body, EncoderDecoder) else network.architecture.reads}: leave it out"
        )
    longest = body.longest if isinstance(body, Transformer) else LONGEST_TEXT
    tokenizer = Tokenizer.load(plan.tokenizer_folder, min(LONGEST_TEXT, longest))
    separate = _sequences(network) == 2
    columns = {} if separate else {"text": column}
    rows = texts_of_file(file, tokenizer, columns, separate)
    found = rows.batch(np.arange(min(len(rows), SEQUENCES // _sequences(network))))
    return _labelled(network, found, loss, seed)


def write_batch(path: Path, batch: Batch) -> None:
    """Write a batch as .npz."""
    inputs = {f"inputs/{name}": array for name, array in batch.inputs.items()}
    np.savez(path, labels=batch.targets["labels"], weights=batch.weights, **inputs)  # type: ignore[arg-type]


def read_batch(path: Path) -> Batch:
    """Read back what `write_batch` wrote."""
    with np.load(path, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content.files}
    labels, weights = arrays.pop("labels"), arrays.pop("weights")
    return _batch({name.removeprefix("inputs/"): array for name, array in arrays.items()}, labels, weights)


def _batch(inputs: Mapping[str, np.ndarray], labels: np.ndarray, weights: np.ndarray) -> Batch:
    masks = [array for name, array in inputs.items() if name.endswith("attention_mask")]
    tokens, ids = sum(int(mask.sum()) for mask in masks), np.arange(len(labels), dtype=np.int64)
    return Batch(inputs, {"labels": labels}, weights, ids, tokens)


def _tokens(network: Network, seed: int) -> Batch:
    body, table = network.architecture.body, network.architecture.token_table
    if isinstance(body, EncoderDecoder):
        return _pairs(body, seed)
    if isinstance(body, Transformer):
        return _sequences_of(body, SEQUENCES // _sequences(network), seed)
    if table is None:
        raise TypeError(f"a {type(body).__name__} reads no tokens")
    return _drawn_tokens(LONGEST, table.shape[0], table.zero_row or 0, 1, SEQUENCES // _sequences(network), seed)


def _pairs(body: EncoderDecoder, seed: int) -> Batch:
    """Return two texts per example, the longest of one side with the shortest of the other."""
    source, target = (
        _sequences_of(body.encoder, SEQUENCES, seed),
        _sequences_of(body.decoder, SEQUENCES, seed, "target"),
    )
    names = ("input_ids", "attention_mask")
    decoder = {f"decoder_{name}": target.inputs[name][::-1].copy() for name in names}
    return replace(source, inputs={**{name: source.inputs[name] for name in names}, **decoder})


def _sequences_of(body: Transformer, examples: int, seed: int, *purpose: str) -> Batch:
    longest = min(LONGEST, body.longest)
    return _drawn_tokens(longest, body.vocabulary, body.pad_token, body.token_types, examples, seed, *purpose)


def _drawn_tokens(
    longest: int, vocabulary: int, pad_token: int, token_types: int, examples: int, seed: int, *purpose: str
) -> Batch:
    lengths = np.linspace(longest, 1, SEQUENCES).round().astype(int).tolist()
    no_labels = np.zeros(examples, dtype=np.int32)
    found = batches.tokens(lengths, longest, vocabulary, no_labels, "diff", seed, *purpose)
    ids, types = found.inputs["input_ids"], found.inputs["token_type_ids"]
    ids = batches.without_padding_token(ids, found.inputs["attention_mask"], pad_token)
    types = types if token_types > 1 else np.zeros_like(types)
    return replace(found, inputs={**found.inputs, "input_ids": ids, "token_type_ids": types})


def _vectors(network: Network, seed: int) -> Batch:
    body = network.architecture.body
    if not isinstance(body, Recurrent):
        raise TypeError(f"a {type(body).__name__} reads no vectors")
    lengths = np.linspace(LONGEST, 1, SEQUENCES).round().astype(int)
    mask = (np.arange(LONGEST) < lengths[:, None]).astype(np.int32)
    values = _normal((SEQUENCES, LONGEST, body.inputs), seed) * mask[:, :, None]
    return _unlabelled({"values": values, "attention_mask": mask})


def _images(network: Network, seed: int) -> Batch:
    channels, size = image_input(network.architecture)
    return _unlabelled({"pixel_values": _normal((SEQUENCES, channels, *(size or (SIDE, SIDE))), seed)})


def _features(network: Network, seed: int) -> Batch:
    body = network.architecture.body
    if not isinstance(body, Features):
        raise TypeError(f"a {type(body).__name__} reads no features")
    return _unlabelled({"features": _normal((SEQUENCES, body.size), seed)})


def _normal(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return generator(seed, "diff", "values").standard_normal(shape)


def _unlabelled(inputs: Mapping[str, np.ndarray]) -> Batch:
    return _batch(inputs, np.zeros(SEQUENCES, dtype=np.int32), np.ones(SEQUENCES, dtype=np.float32))


DRAWN: Mapping[Input, Callable[[Network, int], Batch]] = {
    "tokens": _tokens,
    "vectors": _vectors,
    "images": _images,
    "features": _features,
}


def _labelled(network: Network, batch: Batch, loss: Loss, seed: int) -> Batch:
    """Return a batch with random labels of its loss: answers, classes (one per token for a TokenHead), or 0 and 1."""
    draw, outputs = generator(seed, "diff", "labels"), network.head.outputs
    if isinstance(loss, AnswerSpan):
        return replace(batch, targets={"labels": batches.answers(batch.inputs["attention_mask"], draw)})
    if isinstance(network.head, TokenHead):
        mask = batch.inputs.get("decoder_attention_mask", batch.inputs["attention_mask"])
        labels = draw.integers(0, outputs, size=mask.shape).astype(np.int32)
        return replace(batch, targets={"labels": labels}, weights=mask.astype(np.float32))
    if loss.labels == "classes":
        labels = draw.integers(0, outputs, size=batch.examples).astype(np.int32)
    else:
        labels = draw.integers(0, 2, size=(batch.examples, outputs)).astype(np.float32)
    return replace(batch, targets={"labels": labels})


def _sequences(network: Network) -> int:
    return 1 if network.head.pair == "single" else 2
