"""Reads the file of a suite, with one error that lists all mistakes with their lines."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ftcore.bench.suite import Contestant, Curve, Ftcore, Product, Ratio, Suite
from ftcore.errors import SpecError
from ftcore.helpers import did_you_mean
from ftcore.parts import MisfitError, Place, SpecPart, dotted
from ftcore.spec import Document, parse, show

PARTS: dict[str, type[SpecPart]] = {
    "contestants": Contestant,
    "ratios": Ratio,
    "curves": Curve,
    "matmul": Product,
    "ftcore": Ftcore,
}
"""Maps a field of a suite to the class of its value or items."""


def load_suite(path: Path) -> Suite:
    """Read a suite.

    Raises:
        SpecError: the file cannot be read, or the suite is wrong: one line per mistake, in the order of the file.
    """
    document = parse(_text(path), str(path))
    if document.mistakes:
        raise SpecError("\n".join(f"{path}:{line}: {mistake}" for line, mistake in sorted(document.mistakes)))
    if not isinstance(document.value, dict):
        raise SpecError(f"{path}:1: given {show(document.value)}; a suite is a mapping with spec, steps, contestants")
    try:
        return Suite.model_validate(document.value)
    except ValidationError as error:
        found = sorted(found for item in error.errors(include_url=False) for found in _located(item, document))
        raise SpecError("\n".join(line for _, line in found)) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: not UTF-8 text (byte 0x{error.object[error.start]:02x})") from None
    except OSError as error:
        raise SpecError(f"{path}: the suite cannot be read: {error.strerror}") from error


def _located(item: Any, document: Document) -> list[tuple[int, str]]:
    """Return the line and message of each mistake in one of pydantic's errors."""
    return [
        (line, f"{document.source}:{line}: {dotted(place)}: {text}" if place else f"{document.source}:{line}: {text}")
        for place, text in _texts(item)
        for line in [_line(place, document)]
    ]


def _texts(item: Any) -> list[tuple[Place, str]]:
    place: Place = tuple(item["loc"])
    if item["type"] == "value_error" and isinstance(item["ctx"]["error"], MisfitError):
        return [((*place, *inner), text) for inner, text in item["ctx"]["error"].problems]
    if item["type"] == "missing":
        return [(place, "required, but not given")]
    if item["type"] == "extra_forbidden":
        allowed = _fields(place[:-1])
        return [(place, f"unknown field{did_you_mean(str(place[-1]), allowed)}; allowed: {', '.join(allowed)}")]
    allowed_values = item["msg"].replace("Input should be", "allowed:")
    return [(place, f"given {show(item['input'])}; {allowed_values[0].lower()}{allowed_values[1:]}")]


def _fields(place: Place) -> list[str]:
    """Return the fields of the part at a place; the innermost name determines the part."""
    names = [part for part in place if isinstance(part, str)]
    part = PARTS[names[-1]] if names else Suite
    return [field.alias or name for name, field in part.model_fields.items()]


def _line(place: Place, document: Document) -> int:
    above = (place[:length] for length in range(len(place), -1, -1))
    return next(document.lines[part] for part in above if part in document.lines)
