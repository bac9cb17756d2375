"""Generates the JSON Schema of a task spec, for editors: every field, and the tasks that take it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ftcore.contract import discovery as backends
from ftcore.contract.losses import LOSSES
from ftcore.contract.optimizers import OPTIMIZERS, SCHEDULES
from ftcore.spec.task_spec import spec_class
from ftcore.tasks import ALIASES, TASKS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OF_TASKS = ("data", "model")
"""The parts of a spec whose fields depend on the task."""
Schema = dict[str, Any]


def json_schema() -> Schema:
    """Return the self-contained JSON Schema of a spec, with a description of every field.

    A field of only some tasks lists their names in `x-tasks`, and is forbidden in the others.
    """
    of_tasks = {task: _tidy(spec_class(task).model_json_schema()) for task in TASKS}
    definitions = {name: value for schema in of_tasks.values() for name, value in schema["$defs"].items()}
    parts = {part: {task: _part(schema, part) for task, schema in of_tasks.items()} for part in OF_TASKS}
    used = {id(part) for of_part in parts.values() for part in of_part.values()}
    definitions = {name: value for name, value in definitions.items() if id(value) not in used}
    merged = _merged(of_tasks)
    properties = merged["properties"]
    for name, of_part in parts.items():
        properties[name] = {**_merged(of_part), "description": properties[name]["description"]}
    properties["data"]["properties"]["columns"]["propertyNames"] = {"enum": _columns()}
    properties["task"]["enum"] = [*TASKS, *ALIASES]
    properties["backend"]["propertyNames"] = {"enum": backends.names()}
    for field, definitions_of in (("loss", LOSSES), ("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
        properties[field]["anyOf"].insert(0, {"enum": list(definitions_of)})
    del properties["loss"]["default"]
    rules = [
        *_rules(properties, ()),
        *(rule for name in OF_TASKS for rule in _rules(properties[name]["properties"], (name,))),
        *(rule for name, of_part in parts.items() for rule in _rules_of_variants(name, of_part)),
    ]
    return {"$schema": DIALECT, "title": "ftcore task spec", **merged, "allOf": rules, "$defs": definitions}


def _part(schema: Schema, name: str) -> Schema:
    found: Schema = schema["$defs"][schema["properties"][name]["$ref"].rpartition("/")[2]]
    return found


def _merged(of_tasks: Mapping[str, Schema]) -> Schema:
    """Return an object with the fields of all tasks."""
    first = next(iter(of_tasks.values()))
    names = dict.fromkeys(name for schema in of_tasks.values() for name in schema["properties"])
    required = [
        name for name in first.get("required", []) if all(name in one.get("required", []) for one in of_tasks.values())
    ]
    return {
        "type": "object",
        "description": first.get("description", ""),
        "additionalProperties": False,
        "properties": {name: _field(name, of_tasks) for name in names},
        **({"required": required} if required else {}),
    }


def _field(name: str, of_tasks: Mapping[str, Schema]) -> Schema:
    """Return a field's schema; where tasks differ in it, each of theirs is allowed."""
    found = _variants(name, of_tasks)
    variants, owners = [variant for variant, _ in found], [task for _, tasks in found for task in tasks]
    field = (
        dict(variants[0])
        if len(variants) == 1 or name in OF_TASKS
        else {"anyOf": variants, "description": variants[0].get("description", "")}
    )
    return field if len(owners) == len(of_tasks) else {**field, "x-tasks": [task for task in TASKS if task in owners]}


def _variants(name: str, of_tasks: Mapping[str, Schema]) -> list[tuple[Schema, list[str]]]:
    """Return a field's schemas, each with the tasks that have it so."""
    found: list[tuple[Schema, list[str]]] = []
    for task, schema in of_tasks.items():
        if (field := schema["properties"].get(name)) is None:
            continue
        tasks = next((tasks for variant, tasks in found if variant == field), None)
        if tasks is None:
            found.append((field, [task]))
        else:
            tasks.append(task)
    return found


def _rules(properties: Mapping[str, Schema], above: tuple[str, ...]) -> Iterator[Schema]:
    """Yield a rule for each set of tasks in which some fields are forbidden."""
    forbidden: dict[tuple[str, ...], list[str]] = {}
    for name, field in properties.items():
        if owners := field.get("x-tasks"):
            others = tuple(task for task in TASKS if task not in owners)
            forbidden.setdefault(others, []).append(name)
    for tasks, names in forbidden.items():
        yield _rule(tasks, {"properties": dict.fromkeys(names, False)}, above)


def _rules_of_variants(part: str, of_part: Mapping[str, Schema]) -> Iterator[Schema]:
    """Give a rule for each schema of a field that tasks differ in."""
    for name in dict.fromkeys(name for schema in of_part.values() for name in schema["properties"]):
        found = _variants(name, of_part)
        for variant, tasks in found if len(found) > 1 else ():
            yield _rule(tasks, {"properties": {name: variant}}, (part,))


def _rule(tasks: Sequence[str], inner: Schema, above: tuple[str, ...]) -> Schema:
    """Return a rule about what is inside a part in a spec of some tasks."""
    for name in reversed(above):
        inner = {"properties": {name: inner}}
    written = [*tasks, *(alias for alias, task in ALIASES.items() if task in tasks)]
    return {"if": {"properties": {"task": {"enum": written}}, "required": ["task"]}, "then": inner}


def _columns() -> list[str]:
    return list(dict.fromkeys(column for task in TASKS.values() for column in task.columns))


def _tidy(value: Any) -> Any:
    """Drop titles that repeat names, OpenAPI's discriminator, and all but the first line of descriptions."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    tidy = {
        key: _tidy(item)
        for key, item in value.items()
        if not (key == "discriminator" or (key == "title" and isinstance(item, str)))
    }
    if isinstance(tidy.get("description"), str):
        tidy["description"] = tidy["description"].partition("\n")[0]
    if "oneOf" in tidy:
        # a choice without a name matches several variants
        tidy["anyOf"] = tidy.pop("oneOf")
    return tidy
