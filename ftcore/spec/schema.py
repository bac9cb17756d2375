"""JSON Schema of a task spec, for editors."""

from typing import Any

from ftcore.contract import discovery as backend
from ftcore.contract.losses import LOSSES
from ftcore.contract.optimizers import OPTIMIZERS, SCHEDULES
from ftcore.spec.task_spec import TaskSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a spec: complete in itself, with a description of every field."""
    schema: dict[str, Any] = _tidy(TaskSpec.model_json_schema())
    properties = schema["properties"]
    properties["backend"]["propertyNames"] = {"enum": backend.names()}
    for field, definitions in (("loss", LOSSES), ("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
        properties[field]["anyOf"].insert(0, {"enum": list(definitions)})
    del properties["loss"]["default"]
    return {"$schema": DIALECT, "title": "ftcore task spec", **{k: v for k, v in schema.items() if k != "title"}}


def _tidy(value: Any) -> Any:
    """Drop the titles that repeat names and OpenAPI's discriminator, and keep the first line of a description."""
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
        # a choice without a name fits several variants
        tidy["anyOf"] = tidy.pop("oneOf")
    return tidy
