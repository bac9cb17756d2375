"""Checks the arguments of the library's functions, which Python does not check by their types."""

from collections.abc import Mapping, Sequence

from ftcore.errors import SpecError
from ftcore.helpers.suggestions import did_you_mean


def check_list(name: str, given: object) -> None:
    """Raise SpecError unless an argument is a list of texts; a text alone would be read letter by letter."""
    if isinstance(given, str) or not isinstance(given, Sequence) or not all(isinstance(one, str) for one in given):
        example = f"[{given!r}]" if isinstance(given, str) else "a list of texts"
        raise SpecError(f"{name}: given {given!r}; allowed: a list, such as {example}")


def check_mapping(name: str, given: object) -> None:
    """Raise SpecError unless an argument is a mapping of texts to texts, or None."""
    if given is not None and not isinstance(given, Mapping):
        raise SpecError(f"{name}: given {given!r}; allowed: a mapping, such as {{'text': 'message'}}, or None")


def check_choice(name: str, given: object, allowed: Sequence[str]) -> None:
    """Raise SpecError unless an argument is one of the allowed texts."""
    if given not in allowed:
        near = did_you_mean(given, allowed) if isinstance(given, str) else ""
        raise SpecError(f"{name}: given {given!r}{near}; allowed: {', '.join(allowed)}")
