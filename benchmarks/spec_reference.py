"""Write docs/spec.md, the reference of a spec's fields, from the JSON Schema; `make docs` runs it.

python benchmarks/spec_reference.py
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ftcore.spec.schema import json_schema
from ftcore.tasks import TASKS as ALL_TASKS

PAGE = Path(__file__).parents[1] / "docs" / "spec.md"
INTRODUCTION = """# Reference of the spec

Written by `python benchmarks/spec_reference.py` from the schema that `ftcore spec schema` prints. Do not edit it.

A spec is a YAML file. This page lists every field, the values it takes and its default. An unknown field is an error
that names the nearest valid one. `--set FIELD=VALUE` replaces one field on the command line: `--set training.epochs=1`.
[tutorial.md](tutorial.md) builds a spec step by step, and [examples](../examples) has one for each task.
"""
TASKS = "x-tasks"
"""Key of a property: the tasks with the field, if not every task has it."""
FEW = 2
"""Most tasks without a field that are named instead of those with it."""
BOUNDS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
Schema = Mapping[str, Any]


def main() -> None:
    PAGE.write_text(page(json_schema()))
    print(PAGE)


def page(schema: Schema) -> str:
    """Return the reference in Markdown: a section for the top level, one for each part, and one for each definition."""
    schema = _with_parts_as_definitions(schema)
    headings = {name: ", ".join(dict.fromkeys(paths)) for name, paths in _paths(schema).items()}
    parts = [INTRODUCTION.strip(), f"## Top level\n\n{_table(schema, headings)}"]
    for name, heading in headings.items():
        part = schema["$defs"][name]
        parts.append(f"## {heading}\n\n{part.get('description', '')}\n\n{_table(part, headings)}")
    return "\n\n".join(parts) + "\n"


def _with_parts_as_definitions(schema: Schema) -> Schema:
    """Return the schema with each part that stands inline, such as `data`, as a definition of its name."""
    inline = {name: part for name, part in schema["properties"].items() if "properties" in part}
    links = {name: {"$ref": f"#/$defs/{name}", "description": part["description"]} for name, part in inline.items()}
    return {**schema, "properties": {**schema["properties"], **links}, "$defs": {**schema["$defs"], **inline}}


def _paths(schema: Schema) -> dict[str, list[str]]:
    """Return each definition with the places of the spec that refer to it, in reading order."""
    found: dict[str, list[str]] = {}
    for name, place in _places(schema, schema["$defs"]):
        found.setdefault(name, []).append(place)
    return found


def _places(part: Schema, definitions: Schema, path: str = "", above: tuple[str, ...] = ()) -> Iterator[Sequence[str]]:
    for field, content in part.get("properties", {}).items():
        for name in _references(content):
            if name not in above:
                choice = definitions[name].get("properties", {}).get("name", {}).get("const")
                yield name, f"{path}{field}: {choice}" if choice else f"{path}{field}"
                yield from _places(definitions[name], definitions, f"{path}{field}.", (*above, name))


def _references(field: Any) -> Iterator[str]:
    if isinstance(field, Mapping):
        if "$ref" in field:
            yield _target(field)
        for value in field.values():
            yield from _references(value)
    elif isinstance(field, list):
        for item in field:
            yield from _references(item)


def _target(field: Schema) -> str:
    return str(field["$ref"]).rpartition("/")[2]


def _table(part: Schema, headings: Mapping[str, str]) -> str:
    fields = part.get("properties", {})
    by_task = any(TASKS in field for field in fields.values())
    header = ["field", "values", "default", "meaning", *(["tasks"] if by_task else [])]
    lines: list[Sequence[str]] = [header, ["---"] * len(header)]
    for name, field in fields.items():
        default = "required" if name in part.get("required", []) else _default(field)
        cells = [f"`{name}`", _values(field, headings), default, field.get("description", "")]
        lines.append([*cells, *([_tasks(field)] if by_task else [])])
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _tasks(field: Schema) -> str:
    """Return the tasks that have a field, or the few that do not."""
    having = field.get(TASKS, list(ALL_TASKS))
    others = [task for task in ALL_TASKS if task not in having]
    if len(others) > FEW:
        return ", ".join(having)
    return f"every task but {', '.join(others)}" if others else "every task"


def _default(field: Schema) -> str:
    return f"`{json.dumps(field['default'])}`" if "default" in field else ""


def _values(field: Schema, headings: Mapping[str, str]) -> str:
    """Return the values that a field takes, in words."""
    if "$ref" in field:
        heading = headings[_target(field)]
        return f"[{_choice(heading)}](#{_anchor(heading)})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in field:
            linked = {_choice(headings[_target(item)]) for item in field[key] if "$ref" in item}
            shown = [item for item in field[key] if not ("enum" in item and linked.issuperset(item["enum"]))]
            return "; ".join(_values(item, headings) for item in shown)
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    return _typed(field, headings)


def _typed(field: Schema, headings: Mapping[str, str]) -> str:
    if field.get("type") == "array":
        return f"list of: {_values(field.get('items', {}), headings) or 'any value'}"
    if field.get("type") == "object":
        names, values = field.get("propertyNames"), field.get("additionalProperties")
        keys = _values(names, headings) if names else "name"
        return f"mapping of {keys} to: {_values(values, headings) if isinstance(values, Mapping) else 'any value'}"
    bounds = [f"{words} {field[key]:g}" for key, words in BOUNDS.items() if key in field]
    kind = {"boolean": "`true`, `false`", "string": "text"}.get(field.get("type", ""), field.get("type", "any value"))
    return ", ".join([str(kind), *bounds])


def _choice(heading: str) -> str:
    """Return "adam" for "optimizer: adam", and other headings unchanged."""
    return heading.rpartition(": ")[2]


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


if __name__ == "__main__":
    main()
