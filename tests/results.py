"""Results as runs write them, and networks as they are read back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.inputs.images.processor import save_processor
from ftcore.models import DESCRIPTION, LanguageModelHead, ModelPlan, read_model, resolve, write_model
from ftcore.runs.description import check_description, describe
from ftcore.tasks import TASKS, Task
from ftcore.text import TARGET_TOKENIZER, copy_target_tokenizer, copy_tokenizer


def write_result(
    folder: Path,
    plan: ModelPlan,
    tensors: Mapping[str, np.ndarray],
    labels: list[str],
    task: Task,
    dtype: str | None,
    about: Mapping[str, Any],
) -> list[str]:
    """Write the result of a task; `about` is what ftcore.json says beside task, labels and head."""
    names = labels or [""] * plan.network.head.outputs
    head = task.target.head(names, "joint")
    description = {**about, "task": task.name, "labels": labels}
    check_description(folder / DESCRIPTION, task, {**description, **head.facts(plan.network)})

    def write_inputs(result: Path) -> None:
        if plan.network.architecture.reads == "images":
            save_processor(plan, result)
        else:
            copy_tokenizer(plan.tokenizer_folder, result, plan.tokenizer_json)

    return write_model(folder, plan, tensors, head, dtype, description, labels, task.target.problem_type, write_inputs)


def write_language_model(
    folder: Path, plan: ModelPlan, tensors: Mapping[str, np.ndarray], dtype: str | None
) -> list[str]:
    """Write a language model as transformers would, with its tokenizers."""

    def write_inputs(result: Path) -> None:
        copy_tokenizer(plan.tokenizer_folder, result, plan.tokenizer_json)
        if plan.target_tokenizer_folder is not None:
            copy_target_tokenizer(plan.target_tokenizer_folder, result / TARGET_TOKENIZER)

    return write_model(folder, plan, tensors, LanguageModelHead(), dtype, None, [], "", write_inputs)


def read_result(folder: Path) -> ModelPlan:
    """Return the network of a result, or of a run folder."""
    description = describe(resolve(str(folder.absolute()), None, folder))
    head = TASKS[description["task"]].target.head(
        description["labels"] or [""] * description["outputs"], description["pair"]
    )
    return read_model(folder, head, description)
