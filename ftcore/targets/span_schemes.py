"""Recognises the schemes of tags that mark spans of words, and writes their tags as one scheme."""

from collections.abc import Sequence

OUTSIDE = "O"
"""The tag outside of spans."""
SCHEMES = {
    "BIO": {"B": "B", "I": "I"},
    "BIOES": {"B": "B", "I": "I", "E": "E", "S": "S"},
    "BILOU": {"B": "B", "I": "I", "L": "E", "U": "S"},
    "BMES": {"B": "B", "M": "I", "E": "E", "S": "S"},
    "BMEWO": {"B": "B", "M": "I", "E": "E", "W": "S"},
}
"""For each scheme, its prefixes with those of BIOES that mean the same.

Tags of IOB1 look as those of BIO do: an I- that continues no span of its type begins one.
"""
USUAL = "BIO"


def scheme_of(labels: Sequence[str]) -> str | None:
    """Return the scheme of tags, or None if they mark no spans: the first scheme that has all their prefixes."""
    if not look_like_spans(labels):
        return None
    prefixes = {label[0] for label in labels if label != OUTSIDE}
    return next((name for name, meanings in SCHEMES.items() if prefixes <= set(meanings)), None)


def look_like_spans(labels: Sequence[str]) -> bool:
    """Return whether every tag is O or a type after a letter and a hyphen, and some tag is not O."""
    marked = [label for label in labels if label != OUTSIDE]
    return bool(marked) and all(label[1:2] == "-" and len(label) > 2 for label in marked)


def as_bioes(labels: Sequence[str], scheme: str) -> list[str]:
    """Return tags of a scheme as those of BIOES."""
    return [label if label == OUTSIDE else SCHEMES[scheme][label[0]] + label[1:] for label in labels]
