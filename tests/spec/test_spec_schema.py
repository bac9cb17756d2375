"""The JSON Schema: complete, described, and of the same mind as the reader."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from json_schemas import fits

from ftcore.contract import discovery as backend
from ftcore.contract.losses import LOSSES
from ftcore.contract.optimizers import OPTIMIZERS, SCHEDULES
from ftcore.errors import SpecError
from ftcore.generation import GenerationSpec
from ftcore.spec.earlier import VERSION
from ftcore.spec.reading import read_spec
from ftcore.spec.schema import json_schema
from ftcore.spec.task_spec import spec_class
from ftcore.spec.writing import dump_spec
from ftcore.tasks import ALIASES, TASKS, Task

SCHEMA = json_schema()
OBJECTS = {"": SCHEMA, **{part: SCHEMA["properties"][part] for part in ("data", "model")}, **SCHEMA["$defs"]}
NOWHERE = Path("no-such-folder")


def _field(part: str, name: str) -> dict[str, Any]:
    """Return a field of a part of the spec, at its default in the first task that has it."""
    if not part:
        return {name: GenerationSpec().model_dump(mode="json")}
    owner = next(task for task in TASKS.values() if name in _fields(task, part))
    return {part: {name: _fields(owner, part)[name].get_default(call_default_factory=True)}}


def _fields(task: Task, part: str) -> dict[str, Any]:
    return dict((task.data_class if part == "data" else task.model_class).model_fields)


def _of_some_tasks(part: str) -> list[str]:
    """Return the fields of a part that not every task has."""
    names = dict.fromkeys(name for task in TASKS.values() for name in _fields(task, part))
    return [name for name in names if any(name not in _fields(task, part) for task in TASKS.values())]


DEPENDENT = [("", "generation"), *((part, name) for part in ("data", "model") for name in _of_some_tasks(part))]
"""The fields that not every task has."""


def _spec(task: str, part: str, name: str) -> dict[str, Any]:
    """Return a spec of a task with one of the fields."""
    whole: dict[str, Any] = {"version": VERSION, "task": task, "model": {"pretrained": "m"}, "data": {"train": "t"}}
    for key, value in _field(part, name).items():
        whole[key] = {**whole.get(key, {}), **value}
    if part == "data" and name in (own := _fields(TASKS[ALIASES.get(task, task)], part)):
        whole["data"][name] = own[name].get_default(call_default_factory=True)
    return whole


def _complaint(values: dict[str, Any]) -> str:
    """Return what the reader says of a spec; "" where it takes it."""
    try:
        read_spec(json.dumps(values), "t.yaml")
    except SpecError as error:
        return str(error)
    return ""


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)


def test_the_schema_names_its_dialect_and_is_json() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["required"] == ["task", "model", "data"]
    assert set(SCHEMA["properties"]) == {name for task in TASKS for name in spec_class(task).model_fields}
    for part in ("data", "model"):
        assert set(SCHEMA["properties"][part]["properties"]) == {
            name for task in TASKS.values() for name in _fields(task, part)
        }
    assert SCHEMA["properties"]["data"]["required"] == ["train"]


def test_every_reference_has_its_definition_and_every_definition_is_used() -> None:
    references = {node["$ref"].removeprefix("#/$defs/") for node in _objects(SCHEMA) if "$ref" in node}
    assert references == set(SCHEMA["$defs"])


@pytest.mark.parametrize("part", list(OBJECTS))
def test_every_field_is_described_and_unknown_ones_are_refused(part: str) -> None:
    node = OBJECTS[part]
    assert node["additionalProperties"] is False
    assert [name for name, field in node["properties"].items() if not field.get("description")] == []


def test_tasks_and_backends_are_listed() -> None:
    assert SCHEMA["properties"]["task"]["enum"] == [*TASKS, *ALIASES]
    assert SCHEMA["properties"]["backend"]["propertyNames"] == {"enum": backend.names()}


@pytest.mark.parametrize(("field", "names"), [("loss", LOSSES), ("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)])
def test_a_choice_is_a_name_or_one_of_its_mappings(field: str, names: dict[str, Any]) -> None:
    by_name, *mappings = SCHEMA["properties"][field]["anyOf"]
    assert by_name == {"enum": list(names)}
    parts = [SCHEMA["$defs"][mapping["$ref"].removeprefix("#/$defs/")] for mapping in mappings]
    assert [part["properties"]["name"]["const"] for part in parts] == list(names)


@pytest.mark.parametrize("name", ["LinearSpec", "ConstantSpec", "CosineSpec", "PolynomialSpec"])
def test_every_schedule_has_a_warm_up(name: str) -> None:
    fields = SCHEMA["$defs"][name]["properties"]
    assert fields["warmup_steps"]["anyOf"] == [{"type": "integer", "minimum": 0}, {"type": "null"}]
    assert fields["warmup_ratio"]["anyOf"] == [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "null"}]


def test_bounds_are_those_of_the_definitions() -> None:
    adamw = SCHEMA["$defs"]["AdamWSpec"]["properties"]
    assert adamw["learning_rate"]["exclusiveMinimum"] == 0
    assert (adamw["beta1"]["minimum"], adamw["beta1"]["exclusiveMaximum"]) == (0, 1)
    assert adamw["weight_decay"]["default"] == OPTIMIZERS["adamw"]().weight_decay == 0.01


@pytest.mark.parametrize(("part", "name"), DEPENDENT)
def test_a_field_of_some_tasks_names_them(part: str, name: str) -> None:
    node = OBJECTS[part]["properties"][name]
    owners = [task for task in TASKS if name in (_fields(TASKS[task], part) if part else spec_class(task).model_fields)]
    assert node["x-tasks"] == owners


def test_a_field_of_every_task_names_none() -> None:
    for part in ("", "data", "model"):
        own = {name for name, field in OBJECTS[part]["properties"].items() if "x-tasks" in field}
        assert own == {name for other, name in DEPENDENT if other == part}


@pytest.mark.parametrize("task", [*TASKS, *ALIASES])
def test_the_fields_of_other_tasks_are_forbidden_as_the_reader_forbids_them(task: str) -> None:
    own = TASKS[ALIASES.get(task, task)]
    for part, name in DEPENDENT:
        values = _spec(task, part, name)
        has = name in (_fields(own, part) if part else spec_class(task).model_fields)
        assert fits(values, SCHEMA, SCHEMA["$defs"]) is has, (part, name)
        beginning = f"t.yaml:1: {f'{part}.{name}'.lstrip('.')}: unknown field in the task {task}, it is one of "
        assert _complaint(values) == "" if has else _complaint(values).startswith(beginning)


@pytest.mark.parametrize("task", [*TASKS, *ALIASES])
@pytest.mark.parametrize("pair", ["joint", "separate"])
def test_two_texts_are_read_as_the_task_can(pair: str, task: str) -> None:
    values = {"version": VERSION, "task": task, "model": {"pretrained": "m"}, "data": {"train": "t", "pair": pair}}
    assert fits(values, SCHEMA, SCHEMA["$defs"]) is not bool(_complaint(values))


@pytest.mark.parametrize("task", list(TASKS))
def test_a_spec_with_every_default_written_out_is_valid(task: str) -> None:
    spec = read_spec(f"task: {task}\nmodel: {{pretrained: m}}\ndata: {{train: t}}\n", "t.yaml")
    written = yaml.safe_load(dump_spec(spec, NOWHERE, NOWHERE))
    assert fits(written, SCHEMA, SCHEMA["$defs"])
    assert not fits({**written, "device": 3}, SCHEMA, SCHEMA["$defs"])
    assert not fits({**written, "version": VERSION + 1}, SCHEMA, SCHEMA["$defs"])
    assert not fits({**written, "nonesuch": None}, SCHEMA, SCHEMA["$defs"])
    assert not fits({**written, "data": {**written["data"], "nonesuch": None}}, SCHEMA, SCHEMA["$defs"])
    assert not fits({**written, "data": {}}, SCHEMA, SCHEMA["$defs"])
