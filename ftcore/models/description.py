"""What a folder with a trained head was trained for, in the words of ftcore.json."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from ftcore.contract.network import Architecture, Pooling, Transformer
from ftcore.data.forms import marks_predicate
from ftcore.errors import ModelError
from ftcore.models.config import (
    generic_labels,
    read_architecture,
    read_config,
    read_family,
    read_object,
    stored_classes,
    stored_labels,
)
from ftcore.models.families import ENCODER_DECODERS, LANGUAGE_MODELS, TOKEN_CLASSIFIERS, Family
from ftcore.spec.data import DataSpec
from ftcore.spec.generation import GenerationSpec
from ftcore.tasks import ANY_TASK, LANGUAGE_TASKS, TASKS
from ftcore.text import PREDICATE_MARKS

DESCRIPTION = "ftcore.json"
LENGTH: int = DataSpec.model_fields["max_length"].default
"""Where nothing says what a network without a longest sequence was trained on."""


def describe(folder: Path) -> dict[str, Any]:
    """Return what a trained model is for.

    A folder that ftcore wrote says it in ftcore.json; of another one it is read from config.json, as transformers
    does: problem_type, or else one label is regression and more are classes.

    Returns:
        At least `task`, `labels` ([] where the task has none), `outputs` and `pair` ("joint" or "separate"); `pooling`
        where whole sequences are read; of a task of texts `max_length`; `normalize` where the pooled vectors are
        scaled to length 1.

    Raises:
        ModelError: the folder has no trained head, or ftcore.json is damaged.
    """
    return read_description(folder) or _from_config(folder)


def is_trained(folder: Path) -> bool:
    """Return whether a folder says that it has a trained head for sequences: ftcore.json, or config.json."""
    description = read_description(folder)
    if description is not None:
        return ANY_TASK[description["task"]].unit == "sequence"
    config = read_config(folder)
    return read_family(folder, config).classifier_class in stored_classes(config)


def is_language_model(folder: Path) -> bool:
    """Return whether a folder's config says that its weights have a language model's head."""
    config = read_config(folder)
    name = str(config.get("model_type"))
    # An encoder-decoder is nothing else here.
    return name in ENCODER_DECODERS or (
        name in LANGUAGE_MODELS and LANGUAGE_MODELS[name].language_model_class in stored_classes(config)
    )


def read_description(folder: Path) -> dict[str, Any] | None:
    """Return ftcore.json; None in a folder that ftcore did not write.

    Raises:
        ModelError: it is damaged.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        return None
    description = read_object(path)
    check_description(path, description)
    return description


def check_description(path: Path, description: Mapping[str, Any]) -> None:
    """Check what ftcore.json must say.

    Raises:
        ModelError: a field is missing or wrong; names it and the file.
    """
    _check_kinds(path, description, {"task": str})
    _check_choices(path, description, {"task": tuple(ANY_TASK)})
    if description["task"] in LANGUAGE_TASKS:
        _check_kinds(path, description, {"max_length": int, "columns": dict})
        _check_generation(path, description.get("generation", {}))
        return
    _check_kinds(path, description, {"labels": list, "outputs": int, "pair": str})
    if not isinstance(description.get("normalize", False), bool):
        raise ModelError(f"{path}: normalize is {description['normalize']!r}, and must be true or false")
    _check_choices(path, description, {"pair": ("joint", "separate")})
    task = TASKS[description["task"]]
    if task.unit != "token":
        _check_choices(path, description, {"pooling": get_args(Pooling)})
    elif "label_subwords" in description:
        _check_choices(path, description, {"label_subwords": ("first", "all")})
    if description.get("overlap") is not None:
        _check_kinds(path, description, {"overlap": int})
        if task.unit != "token" or marks_predicate(task.forms):
            raise ModelError(f"{path}: overlap is {description['overlap']}, and {task.name} has no windows")
    if marks_predicate(task.forms):
        _check_choices(path, description, {"mark_predicate": PREDICATE_MARKS})
    if task.reads == "tokens":
        _check_kinds(path, description, {"max_length": int})


def _check_generation(path: Path, given: Any) -> None:
    try:
        GenerationSpec.model_validate(given)
    except ValidationError as error:
        raise ModelError(
            f"{path}: generation is {given!r}, which is none of a spec: {error.errors()[0]['msg']}"
        ) from error


def _check_choices(path: Path, description: Mapping[str, Any], allowed: Mapping[str, tuple[str, ...]]) -> None:
    for name, values in allowed.items():
        if description.get(name) not in values:
            raise ModelError(f"{path}: {name} is {description.get(name)!r}; allowed: {', '.join(values)}")


def _check_kinds(path: Path, description: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    for name, kind in kinds.items():
        if not isinstance(description.get(name), kind):
            raise ModelError(f"{path}: {name} is {description.get(name)!r}, and must be {kind.__name__}")


def _from_config(folder: Path) -> dict[str, Any]:
    config = read_config(folder)
    family = read_family(folder, config)
    classes = stored_classes(config)
    if _is_token_classifier(family, classes):
        return _of_token_classifier(config, read_architecture(folder, config, family, None))
    if family.classifier_class not in classes:
        raise ModelError(
            f"{folder}: has no trained head for a task (architectures: {', '.join(classes) or 'none'}, not "
            f"{family.classifier_class}): fine-tune it first"
        )
    outputs = _outputs(config)
    problem_type = config.get("problem_type") or ("regression" if outputs == 1 else "single_label_classification")
    architecture = read_architecture(folder, config, family, None)
    fitting = {name: task for name, task in TASKS.items() if task.reads == architecture.reads}
    tasks = [name for name, task in fitting.items() if task.problem_type == problem_type]
    if not tasks:
        raise ModelError(
            f"{folder}: problem_type {problem_type!r} is that of no task of ftcore that reads {architecture.reads} "
            f"({', '.join(fitting) or 'there is none'})"
        )
    labels = stored_labels(config) or generic_labels(outputs)
    return {
        "task": tasks[0],
        "labels": [] if problem_type == "regression" else labels,
        "outputs": outputs,
        "pooling": family.pooling,
        "pair": "joint",
        **({"max_length": _longest(architecture)} if architecture.reads == "tokens" else {}),
    }


def _is_token_classifier(family: Family, classes: Sequence[str]) -> bool:
    return family.name in TOKEN_CLASSIFIERS and TOKEN_CLASSIFIERS[family.name].tokens_classifier_class in classes


def _of_token_classifier(config: Mapping[str, Any], architecture: Architecture) -> dict[str, Any]:
    outputs = _outputs(config)
    return {
        "task": next(name for name, task in TASKS.items() if task.unit == "token"),
        "labels": stored_labels(config) or generic_labels(outputs),
        "outputs": outputs,
        "pair": "joint",
        "max_length": _longest(architecture),
    }


def _longest(architecture: Architecture) -> int:
    return architecture.body.longest if isinstance(architecture.body, Transformer) else LENGTH


def _outputs(config: Mapping[str, Any]) -> int:
    stored = config.get("id2label")
    if isinstance(stored, Mapping):
        return len(stored)
    # Two is what transformers takes where a config says nothing.
    return int(config.get("num_labels", 2))
