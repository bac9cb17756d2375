"""Describes an encoder-decoder: two transformers, where the second attends to the first."""

from dataclasses import dataclass

from ftcore.contract.network.transformer import Transformer

ENCODER, DECODER = "encoder.", "decoder."
"""Prefixes of the canonical paths of encoder and decoder."""


@dataclass(frozen=True)
class EncoderDecoder:
    """A decoder whose blocks also attend to an encoder's output for another text.

    Attributes:
        encoder, decoder: the two transformers; the decoder has cross-attention.
        shared_tokens: whether both have one table of tokens.
    """

    encoder: Transformer
    decoder: Transformer
    shared_tokens: bool

    @property
    def initializer_range(self) -> float:
        """Standard deviation of new weights."""
        return self.decoder.initializer_range

    def dropout_rate(self, site: str) -> float:
        """Return the rate of a dropout site by its canonical path: "decoder.blocks.0.cross_attention.weights"."""
        part, _, path = site.partition(".")
        place = path.split(".", 2)[2] if path.startswith("blocks.") else path
        return (self.encoder if part == "encoder" else self.decoder).dropout_rate(place)
