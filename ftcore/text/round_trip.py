"""Whether a tokenizer can write a text down: encoded and decoded, it is the same text."""

from collections.abc import Iterable
from dataclasses import dataclass

from ftcore.text.tokenizer import Tokenizer

WANTED = 0.999
"""The share of texts that should survive."""
SHOWN = 80
"""Characters of a text that the warning shows."""


@dataclass(frozen=True)
class RoundTrip:
    """What encoding and decoding leaves of some texts.

    Attributes:
        texts: their number.
        survived: how many come back as they were.
        example: the first text that does not, and what comes back; None where all do.
    """

    texts: int
    survived: int
    example: tuple[str, str] | None

    @property
    def share(self) -> float:
        """The share that survives; 1 of no texts."""
        return self.survived / self.texts if self.texts else 1.0


def round_trip(tokenizer: Tokenizer, texts: Iterable[str]) -> RoundTrip:
    """Encode and decode texts, at full length."""
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
        found: of `round_trip`.
        what: the texts: "targets".
        remedy: what to do: "give model.decoder.tokenizer: {train: bpe, vocabulary: 8000}".
    """
    if found.example is None or found.share >= WANTED:
        return None
    given, decoded = map(_shown, found.example)
    return (
        f"the tokenizer cannot write the {what} down: {found.survived:,} of {found.texts:,} ({found.share:.1%}) "
        f"survive encoding and decoding, and {WANTED:.1%} should: {given} becomes {decoded}: {remedy}"
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
