"""Reads a TaskSpec from a YAML file and reports all mistakes, each with its line, in one error."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from ftcore.errors import SpecError
from ftcore.parts import Place, dotted
from ftcore.spec.document import Document, parse
from ftcore.spec.mistakes import mistakes, show
from ftcore.spec.overrides import apply
from ftcore.spec.task_spec import TaskSpec


def load_spec(path: Path, overrides: Sequence[str] = ()) -> TaskSpec:
    """Read a spec.

    Args:
        path: a YAML file.
        overrides: each "field=value", as `--set` takes them.

    Raises:
        SpecError: the file cannot be read, or the spec is wrong; one line per mistake, in the file's order.
    """
    return read_spec(_text(path), str(path), overrides)


def read_spec(text: str, source: str, overrides: Sequence[str] = ()) -> TaskSpec:
    """Read a spec from YAML text; `source` is its name in errors."""
    document = parse(text, source)
    if document.mistakes:
        raise SpecError("\n".join(f"{source}:{line}: {mistake}" for line, mistake in sorted(document.mistakes)))
    if document.value is None:
        raise SpecError(f"{source}: the file is empty: a spec needs at least task, model and data")
    if not isinstance(document.value, dict):
        given = show(document.value)
        raise SpecError(f"{source}:1: given {given}; a spec is a mapping of fields, such as task: text-classification")
    values, sources = apply(document.value, overrides)
    try:
        return TaskSpec.model_validate(values)
    except ValidationError as error:
        found = sorted(_located(place, text, document, sources) for place, text in mistakes(error, values))
        raise SpecError("\n".join(line for _, line in found)) from None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SpecError(f"{path}:{line}: not UTF-8 text (byte 0x{error.object[error.start]:02x})") from None
    except OSError as error:
        raise SpecError(f"{path}: the spec cannot be read: {error.strerror}") from error


def _located(place: Place, text: str, document: Document, sources: Mapping[Place, str]) -> tuple[int, str]:
    """Return the line (0 for the command line) and the message, which begins with the place."""
    words = _set_by(place, document, sources)
    if words is not None:
        field = "" if place in sources else f"{dotted(place)}: "
        return 0, f"{words}: {field}{text}"
    line = next(document.lines[above] for above in _upwards(place) if above in document.lines)
    field = f"{dotted(place)}: " if place else ""
    return line, f"{document.source}:{line}: {field}{text}"


def _set_by(place: Place, document: Document, sources: Mapping[Place, str]) -> str | None:
    """Return the override that set a value, a part around it, or a part of it if the file does not have the value."""
    for above in _upwards(place):
        if above in sources:
            return sources[above]
        if above in document.lines:
            return None
        inside = [words for other, words in sources.items() if other[: len(above)] == above]
        if inside:
            return inside[0]
    return None


def _upwards(place: Place) -> list[Place]:
    return [place[:length] for length in range(len(place), -1, -1)]
