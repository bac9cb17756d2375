"""Checks whether texts survive encoding and decoding by a tokenizer."""

from collections.abc import Iterable
from dataclasses import dataclass

from ftcore.text.tokenizer import Tokenizer

WANTED = 0.999
"""The share of texts that should survive encoding and decoding."""
SHOWN = 80
"""Maximum number of characters of a text that the warning shows."""


@dataclass(frozen=True)
class RoundTrip:
    """The result of encoding and decoding some texts.

    Attributes:
        texts: the number of texts.
        survived: the number of texts that come back unchanged.
        example: the first text that does not, and its decoded form; None if all do.
    """

    texts: int
    survived: int
    example: tuple[str, str] | None

    @property
    def share(self) -> float:
        """The share of texts that survive; 1 if there are no texts."""
        return self.survived / self.texts if self.texts else 1.0


def round_trip(tokenizer: Tokenizer, texts: Iterable[str]) -> RoundTrip:
    """Encode and decode texts at full length."""
    count, survived, example = 0, 0, None
    for text, decoded in tokenizer.decoded(texts):
        count += 1
        survived += text == decoded
        if example is None and text != decoded:
            example = (text, decoded)
    return RoundTrip(count, survived, example)


def round_trip_warning(found: RoundTrip, what: str, remedy: str) -> str | None:
    """Return a line for the user where too few texts survive, or None.

    Args:
        found: the result of `round_trip`.
        what: the name of the texts, such as "targets".
        remedy: what to do, such as "give model.decoder.tokenizer: {train: bpe, vocabulary: 8000}".
    """
    if found.example is None or found.share >= WANTED:
        return None
    given, decoded = map(_shown, found.example)
    return (
        f"the tokenizer cannot represent the {what}: {found.survived:,} of {found.texts:,} ({found.share:.1%}) "
        f"survive encoding and decoding, and {WANTED:.1%} should: {given} becomes {decoded}: {remedy}"
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
