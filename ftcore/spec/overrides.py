"""Replaces fields of a spec from the command line: `--set a.b=value`."""

from collections.abc import Sequence
from typing import Any

from ftcore.errors import SpecError
from ftcore.parts import Place, dotted
from ftcore.spec.document import parse
from ftcore.spec.mistakes import show

CHOICES = ("loss", "optimizer", "schedule")
"""Fields that may be given as only a name; their fields can still be set."""

ALTERNATIVES = (
    (("training", "epochs"), ("training", "max_steps")),
    (("schedule", "warmup_steps"), ("schedule", "warmup_ratio")),
    (("model", "pretrained"), ("model", "from_scratch")),
)
"""Pairs of fields that exclude each other; setting one removes the other."""


def apply(values: Any, overrides: Sequence[str]) -> tuple[Any, dict[Place, str]]:
    """Return the values with the overrides applied, and the override that set each place.

    Args:
        values: the spec as read; unchanged.
        overrides: each "field=value", the value read as YAML.

    Raises:
        SpecError: an override cannot be read, or sets a field of a value without fields.
    """
    sources: dict[Place, str] = {}
    parsed = [(*_split(text), f"--set {text}") for text in overrides]
    for place, value, words in parsed:
        values = _put(values, place, value, words)
        sources[place] = words
    for place, value, _ in parsed:
        if value is not None:
            values = _drop_alternative(values, place, sources)
    return values, sources


def _split(text: str) -> tuple[Place, Any]:
    key, equals, value = text.partition("=")
    place: Place = tuple(part.strip() for part in key.split("."))
    if not equals or "" in place:
        raise SpecError(f"--set {text}: write it as field=value, such as --set training.max_steps=100")
    try:
        document = parse(value, "value")
    except SpecError as error:
        raise SpecError(f"--set {text}: {str(error).partition(': ')[2]}") from None
    for _, mistake in document.mistakes:
        raise SpecError(f"--set {text}: {mistake}")
    if value.count("#") > str(document.value).count("#"):
        raise SpecError(f"--set {text}: YAML reads # as a comment: put the value in inner quotes")
    return place, document.value


def _put(values: Any, place: Place, value: Any, words: str, above: Place = ()) -> Any:
    if not place:
        return value
    if values is None:
        values = {}
    if above in [(name,) for name in CHOICES] and isinstance(values, str):
        values = {"name": values}
    if not isinstance(values, dict):
        where = dotted(above) or "the spec"
        raise SpecError(f"{words}: {where} is {show(values)} and has no field {place[0]!r}")
    return {**values, place[0]: _put(values.get(place[0]), place[1:], value, words, (*above, place[0]))}


def _drop_alternative(values: Any, place: Place, sources: dict[Place, str]) -> Any:
    for pair in ALTERNATIVES:
        if place[:2] not in pair:
            continue
        (other,) = set(pair) - {place[:2]}
        part = values[other[0]]
        if other not in sources and isinstance(part, dict):
            return {**values, other[0]: {name: value for name, value in part.items() if name != other[1]}}
    return values
