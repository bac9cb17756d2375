"""Reads from ftcore.json or config.json for which task a model folder was trained."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftcore.contract.network import Architecture, Transformer
from ftcore.errors import ModelError
from ftcore.models import (
    DESCRIPTION,
    LENGTH,
    TOKEN_CLASSIFIERS,
    SequenceHead,
    TokenClassifierHead,
    generic_labels,
    read_architecture,
    read_config,
    read_family,
    read_raw_description,
    stored_classes,
    stored_labels,
)
from ftcore.tasks import ALIASES, TASKS, Task

WINDOWS = "overlap"
"""The field of the `data` part for tasks that split long examples into windows."""


def describe(folder: Path) -> Mapping[str, Any]:
    """Return the task and the settings that a model was trained for.

    They are in ftcore.json if ftcore wrote the folder. Otherwise they are read from config.json as transformers does:
    from problem_type, else one label means regression and several mean classes.

    Returns:
        At least `task` and `head`; for a head with logits `labels` ([] if there are none) and `outputs`; for a head of
        whole sequences `pair`, `pooling` and `normalize` if they are known; for a task of texts `max_length`.

    Raises:
        ModelError: the folder has no trained head, or ftcore.json is damaged.
    """
    return read_description(folder) or _from_config(folder)


def read_description(folder: Path) -> dict[str, Any] | None:
    """Return ftcore.json, converted from earlier versions; None if the folder has none.

    Raises:
        ModelError: it is damaged.
    """
    given = read_raw_description(folder)
    if given is None:
        return None
    path, name = folder / DESCRIPTION, given.get("task")
    if not isinstance(name, str):
        raise ModelError(f"{path}: task is {name!r}, but must be str")
    task = TASKS.get(ALIASES.get(name, name))
    if task is None:
        raise ModelError(f"{path}: task is {name!r}; allowed: {', '.join(TASKS)}")
    description = {"head": task.target.head([], "joint").name, **given, "task": task.name}
    check_description(path, task, description)
    return description


def check_description(path: Path, task: Task, description: Mapping[str, Any]) -> None:
    """Check the content of ftcore.json.

    Raises:
        ModelError: a field is missing or wrong; the message names it and the file.
    """
    problems = (*task.target.check_description(description), *task.input.check_description(description))
    for problem in (*problems, *_check_windows(task, description)):
        raise ModelError(f"{path}: {problem}")


def _check_windows(task: Task, description: Mapping[str, Any]) -> list[str]:
    overlap = description.get(WINDOWS)
    if overlap is None or WINDOWS in task.data_class.model_fields:
        return []
    return [f"{WINDOWS} is {overlap}, but {task.name} has no windows"]


def is_trained(folder: Path) -> bool:
    """Return whether ftcore.json or config.json of a folder names a trained head for sequences."""
    description = read_description(folder)
    if description is not None:
        return bool(description["head"] == SequenceHead.name)
    config = read_config(folder)
    return read_family(folder, config).classifier_class in stored_classes(config)


def _from_config(folder: Path) -> dict[str, Any]:
    config = read_config(folder)
    family, classes = read_family(folder, config), stored_classes(config)
    outputs = _outputs(config)
    architecture = read_architecture(folder, config, family, None)
    if family.name in TOKEN_CLASSIFIERS and TOKEN_CLASSIFIERS[family.name].tokens_classifier_class in classes:
        return _described(folder, TokenClassifierHead.name, "", architecture, config, {})
    if family.classifier_class not in classes:
        raise ModelError(
            f"{folder}: has no trained head for a task (architectures: {', '.join(classes) or 'none'}, not "
            f"{family.classifier_class}): fine-tune it first"
        )
    problem_type = config.get("problem_type") or ("regression" if outputs == 1 else "single_label_classification")
    return _described(folder, SequenceHead.name, problem_type, architecture, config, {"pooling": family.pooling})


def _described(
    folder: Path,
    head: str,
    problem_type: str,
    architecture: Architecture,
    config: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    reading = {name: task for name, task in TASKS.items() if task.input.reads(architecture)}
    fitting = [name for name, task in reading.items() if task.target.fits_config(head, problem_type)]
    if not fitting:
        raise ModelError(
            f"{folder}: problem_type {problem_type!r} has no task of ftcore that reads {architecture.reads} "
            f"({', '.join(reading) or 'there is none'})"
        )
    outputs = _outputs(config)
    names = stored_labels(config) or generic_labels(outputs)
    longest = architecture.body.longest if isinstance(architecture.body, Transformer) else LENGTH
    fields = TASKS[fitting[0]].data_class.model_fields
    return {
        "task": fitting[0],
        "head": head,
        "labels": names if "labels" in fields else [],
        "outputs": outputs,
        "pair": "joint",
        **({"max_length": longest} if "max_length" in fields else {}),
        **facts,
    }


def _outputs(config: Mapping[str, Any]) -> int:
    stored = config.get("id2label")
    if isinstance(stored, Mapping):
        return len(stored)
    # transformers' default is two.
    return int(config.get("num_labels", 2))
