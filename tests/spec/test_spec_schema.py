"""The JSON Schema: complete, described, and of the same mind as the reader."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ftcore.contract import discovery as backend
from ftcore.contract.losses import LOSSES
from ftcore.contract.optimizers import OPTIMIZERS, SCHEDULES
from ftcore.spec.schema import json_schema
from ftcore.spec.task_spec import TaskSpec
from ftcore.tasks import TASKS

SCHEMA = json_schema()


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
    assert set(SCHEMA["properties"]) == set(TaskSpec.model_fields)


def test_every_reference_has_its_definition_and_every_definition_is_used() -> None:
    references = {node["$ref"].removeprefix("#/$defs/") for node in _objects(SCHEMA) if "$ref" in node}
    assert references == set(SCHEMA["$defs"])


@pytest.mark.parametrize("part", ["", *SCHEMA["$defs"]])
def test_every_field_is_described_and_unknown_ones_are_refused(part: str) -> None:
    node = SCHEMA["$defs"][part] if part else SCHEMA
    assert node["additionalProperties"] is False
    assert [name for name, field in node["properties"].items() if not field.get("description")] == []


def test_tasks_and_backends_are_listed() -> None:
    assert SCHEMA["properties"]["task"]["enum"] == list(TASKS)
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
