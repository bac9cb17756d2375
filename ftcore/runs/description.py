"""Reads from ftcore.json or config.json for which task a model folder was trained."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftcore.contract.network import Architecture, Transformer
from ftcore.errors import ModelError
from ftcore.models import (
    DESCRIPTION,
    LENGTH,
    Family,
    generic_labels,
    named_head,
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


def has_logits(folder: Path) -> bool:
    """Return whether ftcore.json or config.json of a folder names a trained head for a task, with logits."""
    config = read_config(folder)
    found = read_description(folder) or _head(folder, config, read_family(folder, config))
    return bool(found and found.get("outputs"))


def _head(folder: Path, config: Mapping[str, Any], family: Family) -> dict[str, Any] | None:
    return named_head(folder, config, read_architecture(folder, config, family, None))


def _from_config(folder: Path) -> dict[str, Any]:
    config = read_config(folder)
    family = read_family(folder, config)
    architecture = read_architecture(folder, config, family, None)
    head = named_head(folder, config, architecture)
    if head is None:
        classes = ", ".join(stored_classes(config)) or "none"
        raise ModelError(
            f"{folder}: has no trained head for a task (architectures: {classes}, not {family.classifier_class}): "
            "fine-tune it first"
        )
    task = _task(folder, config, architecture, head)
    names = stored_labels(config) or generic_labels(head["outputs"])
    longest = architecture.body.longest if isinstance(architecture.body, Transformer) else LENGTH
    return {
        "task": task.name,
        "labels": names if "labels" in task.data_class.model_fields else [],
        **task.input.undescribed(longest),
        **head,
    }


def _task(folder: Path, config: Mapping[str, Any], architecture: Architecture, head: Mapping[str, Any]) -> Task:
    """Return the first task for the head of a config; raise ModelError if there is none."""
    usual = "regression" if head["outputs"] == 1 else "single_label_classification"
    problem_type = config.get("problem_type") or usual
    reading = [task for task in TASKS.values() if task.input.reads(architecture)]
    fitting = [task for task in reading if task.target.fits_config(head["head"], problem_type)]
    if not fitting:
        raise ModelError(
            f"{folder}: problem_type {problem_type!r} has no task of ftcore that reads {architecture.reads} "
            f"({', '.join(task.name for task in reading) or 'there is none'})"
        )
    return fitting[0]
