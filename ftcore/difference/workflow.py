"""Compares two networks: chooses head and batch, computes in a child process per backend, and measures the errors."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ftcore.conformance import BOUNDS
from ftcore.contract import Batch
from ftcore.contract.network import Head
from ftcore.data import sequence_lengths
from ftcore.difference.batch import drawn_batch, text_batch
from ftcore.difference.heads import HeadChoice, choose_head
from ftcore.difference.measuring import ValueDifference, different_values, measure_rows
from ftcore.difference.process import compute_apart
from ftcore.difference.request import Request
from ftcore.difference.result import Compared, Difference
from ftcore.difference.sides import Side, check_fit, two_sides
from ftcore.errors import BackendError
from ftcore.helpers import did_you_mean
from ftcore.models import ModelPlan


def diff(
    models: Sequence[str],
    backends: Sequence[str] = (),
    precision: str = "float32",
    seed: int = 0,
    data: str | None = None,
    text_column: str = "text",
) -> Difference:
    """Compute one batch with two networks, each backend in its own process, and compare outputs and gradients.

    Networks may read tokens, images or vectors. Language models and encoder-decoders keep their own head.

    Args:
        models: one location, for two backends; or two, for one backend or one each.
        backends: registered names; empty means the first installed backend, for two models.
        precision: "float32" or "float64".
        seed: seed of the batch, and of the head if it is random.
        data: a file whose first rows are the batch, tokenized by the first model's tokenizer; None for random inputs.
        text_column: the column of texts in that file.

    Raises:
        ChildError: a backend could not compute a network; `exit_code` is that of its process.
        FtcoreError: a model or backend does not exist, the networks do not fit, or the file is invalid.
    """
    if precision not in BOUNDS:
        raise BackendError(
            f"unknown precision {precision!r}{did_you_mean(precision, BOUNDS)}; allowed: {', '.join(BOUNDS)}"
        )
    sides = two_sides(models, backends)
    settings = check_fit(*sides)
    choice, plans = choose_head([side.folder for side in sides], seed)
    if data is None:
        batch = drawn_batch(plans[0].network, choice.loss_definition(), seed)
    else:
        batch = text_batch(data, text_column, plans[0], choice.loss_definition(), seed)
    requests = [Request(str(side.folder), side.backend, choice, precision, seed) for side in sides]
    with tempfile.TemporaryDirectory() as folder:
        arrays = compute_apart(Path(folder), requests, batch)
        rows = measure_rows(plans[0].network, *arrays)
        compared = tuple(map(_compared, sides, arrays))
    return Difference(
        networks=compared,
        precision=precision,
        batch=_batch_words(batch, data, seed),
        head=_head_words(choice, plans[0], seed),
        bounds=BOUNDS[precision],
        settings=settings,
        values=_different_values(sides, plans, precision),
        parameters=len(plans[0].network.tensors),
        rows=rows,
    )


def _compared(side: Side, arrays: Mapping[str, np.ndarray]) -> Compared:
    return Compared(side.model, side.backend, json.loads(str(arrays["versions"])))


def _different_values(
    sides: Sequence[Side], plans: Sequence[ModelPlan], precision: str
) -> tuple[ValueDifference, ...] | None:
    if sides[0].folder == sides[1].folder:
        return None
    return different_values(plans[0].network, plans[0].tensors, plans[1].tensors, precision)


def _batch_words(batch: Batch, data: str | None, seed: int) -> str:
    source = f"drawn from seed {seed}" if data is None else f"the first rows of {data}, labels drawn from seed {seed}"
    return f"{_examples_words(batch)}, {source}"


def _examples_words(batch: Batch) -> str:
    if "pixel_values" in batch.inputs:
        examples, channels, height, width = batch.inputs["pixel_values"].shape
        return f"{examples} images of {channels} x {height} x {width}"
    lengths = sequence_lengths(batch)
    things = "vectors" if "values" in batch.inputs else "tokens"
    sequences = "pairs of sequences" if "decoder_input_ids" in batch.inputs else "sequences"
    return f"{len(lengths)} {sequences} of {lengths.min()} to {lengths.max()} {things}"


def _head_words(choice: HeadChoice, plan: ModelPlan, seed: int) -> str:
    if choice.kind == "language model":
        return f"the language model's own, {plan.network.head.outputs} outputs a token, loss {choice.loss}"
    origin = "the model's own" if choice.own else f"{', '.join(plan.new)} drawn from seed {seed}"
    head = plan.network.head
    reads = f"pooling {head.pooling}" if isinstance(head, Head) else "every token"
    return f"{origin}; {reads}, {choice.outputs} outputs, loss {choice.loss}"
