"""The batch that both networks compute: drawn from the seed, or texts of a file."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ftcore.backend import Batch
from ftcore.conformance import batches
from ftcore.data.prepare import prepare_inputs
from ftcore.data.tokenizer import Tokenizer
from ftcore.losses import CrossEntropy, Loss
from ftcore.models.network import Network, Transformer
from ftcore.models.plan import ModelPlan
from ftcore.seeds import generator

SEQUENCES, LONGEST, LONGEST_TEXT = 8, 32, 128
"""Sequences of a batch; the most tokens of a drawn one, and of one from a file."""


def drawn_batch(network: Network, loss: Loss, seed: int) -> Batch:
    """Return 8 sequences of 1 to 32 tokens (or the longest that the network takes) over the whole vocabulary.

    The padding token stands for padding only. The second half of a sequence has token type 1, where there is one.
    """
    body = _tokens(network)
    longest = min(LONGEST, body.longest)
    lengths = np.linspace(longest, 1, SEQUENCES).round().astype(int).tolist()
    labels = _labels(network, loss, SEQUENCES // _sequences(network), seed)
    found = batches.tokens(lengths, longest, body.vocabulary, labels, "diff", seed)
    ids, types = found.inputs["input_ids"], found.inputs["token_type_ids"]
    # Drawn of 1 ... vocabulary - 1: one less up to the padding token leaves out that one in place of 0.
    ids = np.where(ids <= body.pad_token, ids - 1, ids)
    ids = np.where(found.inputs["attention_mask"] == 1, ids, body.pad_token).astype(np.int32)
    types = types if body.token_types > 1 else np.zeros_like(types)
    return replace(found, inputs={**found.inputs, "input_ids": ids, "token_type_ids": types})


def text_batch(file: str, column: str, plan: ModelPlan, loss: Loss, seed: int) -> Batch:
    """Return the first rows of a file through the model's tokenizer, up to 128 tokens a sequence; labels are drawn.

    Raises:
        FtcoreError: the folder has no tokenizer, or the file or a row is wrong.
    """
    network = plan.network
    tokenizer = Tokenizer.load(plan.tokenizer_folder, min(LONGEST_TEXT, _tokens(network).longest))
    separate = _sequences(network) == 2
    columns = {} if separate else {"text": column}
    rows = prepare_inputs(file, columns, "separate" if separate else "joint", tokenizer, Path.cwd())
    found = rows.batch(np.arange(min(len(rows), SEQUENCES // _sequences(network))))
    return replace(found, targets={"labels": _labels(network, loss, found.examples, seed)})


def write_batch(path: Path, batch: Batch) -> None:
    """Write a batch as .npz."""
    inputs = {f"inputs/{name}": array for name, array in batch.inputs.items()}
    np.savez(path, labels=batch.targets["labels"], **inputs)  # type: ignore[arg-type]


def read_batch(path: Path) -> Batch:
    """Read back what `write_batch` wrote."""
    with np.load(path, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content.files}
    labels = arrays.pop("labels")
    return Batch(
        inputs={name.removeprefix("inputs/"): array for name, array in arrays.items()},
        targets={"labels": labels},
        weights=np.ones(len(labels), dtype=np.float32),
        example_ids=np.arange(len(labels), dtype=np.int64),
        tokens=int(arrays["inputs/attention_mask"].sum()),
    )


def _labels(network: Network, loss: Loss, examples: int, seed: int) -> np.ndarray:
    """Return int32 [examples] for cross-entropy, else zeros and ones, float32 [examples, outputs]."""
    draw, outputs = generator(seed, "diff", "labels"), network.head.outputs
    if isinstance(loss, CrossEntropy):
        return draw.integers(0, outputs, size=examples).astype(np.int32)
    return draw.integers(0, 2, size=(examples, outputs)).astype(np.float32)


def _sequences(network: Network) -> int:
    return 1 if network.head.pair == "single" else 2


def _tokens(network: Network) -> Transformer:
    if not isinstance(network.architecture.body, Transformer):
        raise TypeError("a body of ready features reads no tokens")
    return network.architecture.body
