"""Estimates before training the memory of a step and the disk space of a run."""

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftcore.contract.network import Architecture, EncoderDecoder, Network, TokenHead, Transformer
from ftcore.data import Dataset
from ftcore.errors import ModelError, RunError
from ftcore.loop import TrainingPlan
from ftcore.machine import available_memory, memory_limit
from ftcore.spec import TaskSpec

GIB = 2**30
STATES, NARROW, WIDE = 10, 4, 8
"""Arrays of hidden size that a block keeps for a token's backward pass; bytes of a float32 and of a float64."""


@dataclass(frozen=True)
class StateSize:
    """The numbers that a training holds, in bytes.

    Attributes:
        parameters: of parameters and buffers.
        trained: of the trained parameters, each of which has a gradient of this size.
        slots: arrays of the optimizer's state for each trained parameter.
    """

    parameters: int
    trained: int
    slots: int

    @property
    def checkpoint(self) -> int:
        """Bytes of a checkpoint: parameters and the optimizer's state."""
        return self.parameters + self.trained * self.slots

    @property
    def step(self) -> int:
        """Bytes in memory at a step, without activations: a checkpoint's, and a gradient."""
        return self.checkpoint + self.trained


def state_size(network: Network, trainable: frozenset[str] | None, slots: int, precision: str) -> StateSize:
    """Return the size of a described network's training; `trainable` is None if all is trained."""
    width = width_of(precision)
    sizes = {one.name: math.prod(one.shape) * width for one in network.tensors}
    trained = {one.name for one in network.parameters} & (set(sizes) if trainable is None else trainable)
    return StateSize(sum(sizes.values()), sum(sizes[name] for name in trained), slots)


def check_parameters(architecture: Architecture, precision: str) -> None:
    """Check, before they are read, that the values of a network alone fit into the machine's memory.

    Raises:
        ModelError: they do not.
    """
    needed = width_of(precision) * sum(math.prod(one.shape) for one in architecture.parameters)
    if needed > memory_limit():
        raise ModelError(
            f"model: the parameters of this {architecture.family} take {_size(needed)} in {precision}, and this "
            f"machine has {_size(memory_limit())} of memory: choose a smaller model or a larger machine"
        )


def check_memory(spec: TaskSpec, size: StateSize, activations: int) -> list[str]:
    """Return a note if a step on the CPU probably needs more memory than is free.

    Args:
        spec: the spec.
        size: the size of parameters, gradients and optimizer state.
        activations: see `activation_bytes`.

    Raises:
        RunError: the machine has less memory than parameters, gradients and optimizer state take.
    """
    parts = f"{_size(size.step)} for parameters, gradients and the state of {spec.optimizer.name}"
    if size.step > memory_limit():
        raise RunError(
            f"a step needs {parts}, and this machine has {_size(memory_limit())} of memory: choose a smaller model, "
            "model.trainable, optimizer: sgd, or a larger machine"
        )
    needed, free = size.step + activations, available_memory()
    if needed <= free:
        return []
    return [
        f"a step needs about {_size(needed)} of memory ({parts}, {_size(activations)} for activations), and "
        f"{_size(free)} are free: training.micro_batch_size or data.max_length makes it smaller"
    ]


def activation_bytes(network: Network, train: Dataset, plan: TrainingPlan, precision: str) -> int:
    """Return about how many bytes the backward pass of the largest batch needs; 0 where there is no estimate.

    A transformer keeps for each token and block about ten states, twice the inner channels of feed-forward, and the
    weights of attention; a head with logits for every token keeps three numbers for each.
    """
    most = plan.micro_batch_size or plan.batch_size
    lengths = np.sort(train.lengths)[-most:]
    longest = int(lengths[-1])
    tokens = int(lengths.sum(dtype=np.int64)) if plan.batching == "packed" else longest * len(lengths)
    body = network.architecture.body
    parts = (body.encoder, body.decoder) if isinstance(body, EncoderDecoder) else (body,)
    numbers = sum(_of_a_token(part, longest) for part in parts if isinstance(part, Transformer))
    logits = 3 * network.head.outputs if isinstance(network.head, TokenHead) else 0
    return width_of(precision) * tokens * (numbers + logits)


def check_disk(folder: Path, size: StateSize, plan: TrainingPlan, judged: bool) -> None:
    """Check that the disk has room for the checkpoints of a run and its model.

    The newest checkpoint is kept, and the best; a new one is written beside them.

    Args:
        folder: the run folder, which need not exist.
        size: the size of parameters and optimizer state.
        plan: the training in steps.
        judged: whether there is a validation split, so that the best is not always the newest.

    Raises:
        RunError: it has not.
    """
    every = min(plan.evaluate_every, plan.checkpoint_every or plan.evaluate_every)
    kept = min(3 if judged else 2, -(-plan.total_steps // every))
    needed = kept * size.checkpoint + (size.parameters if kept < 2 else 0)
    place = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(place).free
    if needed > free:
        raise RunError(
            f"{folder}: the run needs about {_size(needed)} of disk ({kept} checkpoints of {_size(size.checkpoint)}), "
            f"and {_size(free)} are free: choose another --output, or make room"
        )


def width_of(precision: str) -> int:
    """Return the bytes of a parameter: only float64 has other ones than float32."""
    return WIDE if precision == "float64" else NARROW


def _of_a_token(body: Transformer, length: int) -> int:
    """Return the numbers that all blocks keep for a token of a sequence of this length."""
    inner = (3 if body.feed_forward.gated else 2) * body.feed_forward.intermediate
    return len(body.applied) * (STATES * body.hidden + inner + 2 * body.attention.heads * length)


def _size(count: int) -> str:
    return f"{count / GIB:.1f} GiB" if count >= GIB / 10 else f"{count / 2**20:.1f} MiB"
