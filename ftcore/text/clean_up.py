"""Removes spaces that decoding leaves, as transformers does."""

REPLACED = (
    *((f" {mark}", mark) for mark in ".?!,"),
    (" ' ", "'"),
    *((f" {ending}", ending) for ending in ("n't", "'m", "'s", "'ve", "'re")),
)
"""What transformers' clean_up_tokenization_spaces replaces, in this order."""


def cleaned_up(text: str) -> str:
    """Return a decoded text without the spaces before punctuation and contractions."""
    for found, replacement in REPLACED:
        text = text.replace(found, replacement)
    return text
