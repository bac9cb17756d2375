"""Converts specs that earlier versions of ftcore wrote.

Version 1 had no field `version`, and every task had all fields of `data`, `model` and `generation`. The specs in its
run folders hold all of them, so fields of other tasks are accepted there if they have their defaults of that version.
Version 2 had no field `data.split_duplicates`: rows with equal content could lie on both sides of a split.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ftcore.parts import Place
from ftcore.tasks import ALIASES

VERSION = 3
"""The version of the spec format that ftcore writes."""
DEFAULTS_OF_1: Mapping[Place, Any] = {
    ("data", "max_length"): 128,
    ("data", "pair"): "joint",
    ("data", "labels"): None,
    ("data", "overlap"): None,
    ("data", "label_subwords"): "first",
    ("data", "standardize"): False,
    ("data", "mark_predicate"): "markers",
    ("data", "target_max_length"): None,
    ("data", "source_prefix"): "",
    ("data", "source_language"): None,
    ("data", "target_language"): None,
    ("data", "separator"): "\n",
    ("data", "answer_pattern"): None,
    ("data", "masked_share"): 0.15,
    ("model", "encoder"): None,
    ("model", "decoder"): None,
    ("model", "cross_attention"): "drawn",
    ("model", "module"): None,
    ("model", "tokenizer"): None,
    ("model", "pooling"): None,
    ("model", "normalize"): None,
    ("model", "replace_head"): False,
}
"""The version 1 defaults of fields that now belong to only some tasks."""
GENERATION_OF_1: Mapping[str, Any] = {
    "method": "greedy",
    "max_new_tokens": 64,
    "min_new_tokens": 0,
    "stop_tokens": [],
    "no_repeat_ngram": 0,
    "repetition_penalty": 1.0,
    "beams": 4,
    "length_penalty": 1.0,
    "early_stopping": False,
    "temperature": 1.0,
    "top_k": 0,
    "top_p": 1.0,
    "seed": 0,
}


def up_to_date(given: Mapping[str, Any], kind: type[BaseModel]) -> dict[str, Any]:
    """Return the values of a spec with the task's present name and without fields of other tasks.

    Args:
        given: a spec as read; one of the present version is not changed.
        kind: the class of the task's specs.
    """
    task = given.get("task")
    values = {**given, "task": ALIASES.get(task, task)} if isinstance(task, str) else dict(given)
    if values.get("version", 1) != 1:
        return values
    if _is_of_1(values):
        values["version"] = 1
    for name in ("data", "model"):
        if isinstance(values.get(name), Mapping) and (fields := _fields(kind, name)):
            values[name] = {
                field: value for field, value in values[name].items() if not _left(name, field, value, fields)
            }
    written = values.get("generation")
    if "generation" not in kind.model_fields and isinstance(written, Mapping) and _is_default(written):
        del values["generation"]
    return values


def _is_of_1(values: Mapping[str, Any]) -> bool:
    """Return whether version 1 wrote a spec, which then has the fields of all tasks."""
    data = values.get("data")
    return isinstance(data, Mapping) and all(name in data for part, name in DEFAULTS_OF_1 if part == "data")


def _fields(kind: type[BaseModel], name: str) -> set[str]:
    part = kind.model_fields[name].annotation
    return set(part.model_fields) if isinstance(part, type) and issubclass(part, BaseModel) else set()


def _left(name: str, field: str, value: object, fields: set[str]) -> bool:
    place: Place = (name, field)
    default = DEFAULTS_OF_1.get(place, ...)
    return field not in fields and type(value) is type(default) and value == default


def _is_default(written: Mapping[str, Any]) -> bool:
    return all(GENERATION_OF_1.get(field, ...) == value for field, value in written.items())
