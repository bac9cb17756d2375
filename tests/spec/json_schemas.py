"""A validator of the keywords that the schema of specs uses."""

from collections.abc import Callable, Mapping
from typing import Any

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def fits(value: Any, schema: Any, definitions: Mapping[str, Any]) -> bool:
    """Return whether a value is valid; a keyword that is not known raises KeyError."""
    if isinstance(schema, bool):
        return schema
    return all(_holds(word, value, schema, definitions) for word in schema if word not in _ANNOTATIONS)


_ANNOTATIONS = {"$schema", "$defs", "title", "description", "default", "x-tasks", "then"}


def _holds(word: str, value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    def inner(one: Any, other: Any) -> bool:
        return fits(one, other, definitions)

    given, mapping = schema[word], value if isinstance(value, dict) else {}
    own = schema.get("properties", {})
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    checks: dict[str, Callable[[], bool]] = {
        "$ref": lambda: inner(value, definitions[given.removeprefix("#/$defs/")]),
        "allOf": lambda: all(inner(value, one) for one in given),
        "anyOf": lambda: any(inner(value, one) for one in given),
        "if": lambda: not inner(value, given) or inner(value, schema["then"]),
        "type": lambda: isinstance(value, TYPES[given]) and (given == "boolean" or not isinstance(value, bool)),
        "enum": lambda: value in given,
        "const": lambda: value == given,
        "minLength": lambda: not isinstance(value, str) or len(value) >= given,
        "minItems": lambda: not isinstance(value, list) or len(value) >= given,
        "minimum": lambda: number is None or number >= given,
        "maximum": lambda: number is None or number <= given,
        "exclusiveMinimum": lambda: number is None or number > given,
        "exclusiveMaximum": lambda: number is None or number < given,
        "required": lambda: not isinstance(value, dict) or set(given) <= set(value),
        "properties": lambda: all(inner(mapping[name], one) for name, one in given.items() if name in mapping),
        "propertyNames": lambda: all(inner(name, given) for name in mapping),
        "additionalProperties": lambda: all(inner(mapping[name], given) for name in set(mapping) - set(own)),
        "items": lambda: not isinstance(value, list) or all(inner(one, given) for one in value),
    }
    return checks[word]()
