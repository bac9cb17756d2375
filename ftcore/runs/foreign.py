"""A user's own module in the loop: the part that `finetune` and a spec's `model.module` share."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ftcore.contract import Backend, Learner, Program
from ftcore.contract.losses import Loss
from ftcore.contract.network import Module
from ftcore.files.tensors import save_tensors
from ftcore.runs.choices import optimizer_of
from ftcore.spec.choices import OptimizerSpec
from ftcore.spec.training import TrainingSpec


def build_learner(
    backend: Backend,
    module: object,
    loss: Loss,
    optimizer: OptimizerSpec,
    training: TrainingSpec,
    options: Mapping[str, Any],
    device: str,
) -> Learner:
    """Build what trains a module in place, from its own parameters on."""
    program = Program(
        network=Module(module),
        loss=loss,
        optimizer=optimizer_of(optimizer),
        clip_norm=training.clip_norm,
        seed=training.seed,
        options=options,
    )
    return backend.build(program, device)


def tensors_writer(learner: Learner) -> Callable[[Path, int], Sequence[str]]:
    """Return what writes a module's tensors, under their names in the module, into a folder."""

    def write(folder: Path, step: int) -> Sequence[str]:
        folder.mkdir(parents=True, exist_ok=True)
        save_tensors(folder / "model.safetensors", learner.tensors())
        return []

    return write
