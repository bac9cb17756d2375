"""Writes a result as a Hugging Face folder, and reads it back."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.errors import ModelError
from ftcore.formats import DESCRIPTION
from ftcore.models.config import CONFIG, GENERATION_CONFIG
from ftcore.models.families import FAMILIES
from ftcore.models.heads import HeadKind
from ftcore.models.location import resolve
from ftcore.models.model_plan import ModelPlan
from ftcore.models.plan import plan_model
from ftcore.models.result_tensors import rounding_note, stored_tensors, write_tensors, write_tensors_apart
from ftcore.models.result_tokenizer import complete_tokenizer
from ftcore.models.settings import ModelSpec


def write_model(
    folder: Path,
    plan: ModelPlan,
    tensors: Mapping[str, np.ndarray],
    head: HeadKind,
    dtype: str | None,
    description: Mapping[str, Any] | None,
    labels: Sequence[str],
    problem_type: str,
    write_inputs: Callable[[Path], None],
) -> list[str]:
    """Write a model folder completely or not at all, replacing an existing one.

    If transformers has a class with this head, the folder is an ordinary one of that class. Otherwise it holds the
    family's plain model, with the head's tensors in head.safetensors. A family of ftcore's own has all tensors in one
    file.

    Args:
        folder: the folder to write.
        plan: the network and the source of its files.
        tensors: every parameter and buffer by its checkpoint name, float of its shape or an integer count.
        head: the kind of the network's head.
        dtype: type of the written weights; None for that of the checkpoint.
        description: fields of ftcore.json besides those of the head (`HeadKind.facts`); None for no such file.
        labels: label names in order; [] if the task has none.
        problem_type: problem_type of transformers; "" for none.
        write_inputs: writes the files of the tokenizer or image processor into a folder.

    Returns:
        Notes for the user.

    Raises:
        ModelError: tensors are missing or unexpected, or a value does not fit the type.
    """
    network, stored_as = plan.network, dtype or plan.dtype
    stored = stored_tensors(network, tensors, stored_as)
    said = None if description is None else {**description, **head.facts(network)}
    with _replaced(folder) as temporary:
        if head.is_apart(network):
            write_tensors_apart(temporary, stored, FAMILIES[network.architecture.family].prefix)
        else:
            write_tensors(temporary, stored)
        config = head.result_config(network, labels, problem_type, stored_as)
        _write_json(temporary / CONFIG, config)
        write_inputs(temporary)
        completed = complete_tokenizer(temporary, plan, head.is_apart(network))
        _write_json(temporary / CONFIG, {**config, **completed.config})
        if completed.generation:
            _write_json(temporary / GENERATION_CONFIG, completed.generation)
        if said is not None:
            _write_json(temporary / DESCRIPTION, said)
        further = head.write_further(temporary, network, said or {})
    return [*rounding_note(tensors, stored_as), *head.result_notes(network), *completed.notes, *further]


def read_model(folder: Path, head: HeadKind, description: Mapping[str, Any] | None = None) -> ModelPlan:
    """Return the network of a folder with a trained head, with all values from its files.

    Args:
        folder: a folder by `write_model`, its run folder, or a model of transformers.
        head: the kind of its head.
        description: see `plan_model`.

    Raises:
        ModelError: it is not such a folder, or a part of its head is missing.
    """
    folder = resolve(str(folder.absolute()), None, folder)
    plan = plan_model(ModelSpec(pretrained=str(folder.absolute())), head, 0, folder, description=description)
    if plan.new:
        raise ModelError(f"{folder}: has no trained head: {', '.join(plan.new)} are not in its files")
    return plan


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that replaces `folder` on success."""
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    former = folder.with_name(f".{folder.name}.{os.getpid()}.former")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        if folder.exists():
            os.replace(folder, former)
        os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)
