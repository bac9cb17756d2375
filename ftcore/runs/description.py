"""Reads from ftcore.json or config.json for which task a model folder was trained."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ftcore.contract.network import Architecture, Transformer
from ftcore.errors import ModelError
from ftcore.models import (
    CONFIG,
    DESCRIPTION,
    LENGTH,
    generic_labels,
    named_head,
    read_architecture,
    read_config,
    read_family,
    read_raw_description,
    stored_classes,
    stored_labels,
)
from ftcore.parts import MisfitError, dotted
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
    problems = [*task.target.check_description(description), *task.input.check_description(description)]
    problems += [*_check_windows(task, description), *_check_loss(task, description)]
    # Without its columns, the other fields cannot be checked against them.
    for problem in problems or (_check_data(task, description) if "columns" in description else ()):
        raise ModelError(f"{path}: {problem}")


def data_fields(task: Task, description: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a task's `data` part that ftcore.json has."""
    kept = {name: description[name] for name in task.data_class.model_fields if name in description}
    if not kept.get("labels", True):
        del kept["labels"]
    return kept


def _check_data(task: Task, description: Mapping[str, Any]) -> list[str]:
    try:
        task.data_class(train="-", **data_fields(task, description))
    except ValidationError as error:
        return [line for item in error.errors(include_url=False) for line in _lines(item)]
    unknown = task.unknown_columns(description.get("columns", {}))
    return [f"columns.{name}: {text}" for name, text in unknown.items()]


def _lines(item: Any) -> list[str]:
    """Return the lines of an error by pydantic."""
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, MisfitError):
        return [f"{dotted(place)} {text}" for place, text in cause.problems]
    reason = item["msg"][:1].lower() + item["msg"][1:]
    return [f"{dotted(item['loc'])} is {item['input']!r}: {reason}"]


def _check_loss(task: Task, description: Mapping[str, Any]) -> list[str]:
    loss, known = description.get("loss"), [loss.name for loss in task.target.losses]
    if loss is None or (isinstance(loss, Mapping) and loss.get("name") in known):
        return []
    return [f"loss is {loss!r}; allowed for {task.name}: a mapping with the name {' or '.join(known)}"]


def _check_windows(task: Task, description: Mapping[str, Any]) -> list[str]:
    overlap = description.get(WINDOWS)
    if overlap is None or WINDOWS in task.data_class.model_fields:
        return []
    return [f"{WINDOWS} is {overlap}, but {task.name} has no windows"]


def has_logits(folder: Path) -> bool:
    """Return whether ftcore.json or config.json of a folder names a trained head for a task, with logits."""
    found = read_description(folder)
    if found is None:
        config = read_config(folder)
        found = named_head(folder, config, read_architecture(folder, config, read_family(folder, config), None))
    return bool(found and found.get("outputs"))


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
    names = stored_labels(folder, config) or generic_labels(head["outputs"])
    longest = architecture.body.longest if isinstance(architecture.body, Transformer) else LENGTH
    description = {
        "task": task.name,
        "labels": names if "labels" in task.data_class.model_fields else [],
        **task.input.undescribed(longest),
        **head,
    }
    for problem in _check_data(task, description):
        raise ModelError(f"{folder / CONFIG}: {problem}")
    return description


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
