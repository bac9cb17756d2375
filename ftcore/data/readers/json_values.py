"""Decodes JSON values and makes rows of them."""

import json
from typing import Any

from ftcore.data.readers.base import Row


class JsonObjects:
    """Decodes JSON, and remembers a key that an object had twice, of which JSON readers silently keep the last."""

    def __init__(self) -> None:
        self.repeated: str | None = None
        self._json = json.JSONDecoder(object_pairs_hook=self._object)

    def decode(self, text: str) -> Any:
        """Return the value of a text; raises JSONDecodeError, ValueError or RecursionError."""
        self.repeated = None
        return self._json.decode(text)

    def raw_decode(self, text: str, start: int) -> tuple[Any, int]:
        """Return the value that begins at `start`, and the place after it; the errors are those of `decode`."""
        self.repeated = None
        return self._json.raw_decode(text, start)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            self.repeated = next(key for key in keys if keys.count(key) > 1)
        return found


def object_of(number: int, line: int | None, values: object, objects: JsonObjects) -> Row:
    """Return the row of a value that `objects` has just decoded."""
    if not isinstance(values, dict):
        return Row(number, line, {}, f"a row must be a JSON object, not {json_kind(values)}")
    if objects.repeated is not None:
        return Row(number, line, {}, f"the key {objects.repeated!r} occurs more than once in an object")
    return Row(number, line, values)


def json_kind(value: object) -> str:
    """Return the JSON name of a value that is not an object."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list):
        return "a list"
    return "a string" if isinstance(value, str) else "a number"
