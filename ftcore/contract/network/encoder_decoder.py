"""An encoder-decoder: two transformers, the second attending to the first."""

from dataclasses import dataclass

from ftcore.contract.network.transformer import Transformer

ENCODER, DECODER = "encoder.", "decoder."
"""What canonical paths of an encoder-decoder's parts begin with."""


@dataclass(frozen=True)
class EncoderDecoder:
    """A decoder whose blocks attend to what an encoder makes of another text, too.

    Attributes:
        encoder, decoder: the two; the decoder has cross-attention.
        shared_tokens: whether both look tokens up in one table.
    """

    encoder: Transformer
    decoder: Transformer
    shared_tokens: bool

    @property
    def initializer_range(self) -> float:
        """Standard deviation of new weights."""
        return self.decoder.initializer_range

    def dropout_rate(self, site: str) -> float:
        """Return the rate of a place by its canonical path: "decoder.blocks.0.cross_attention.weights"."""
        part, _, path = site.partition(".")
        place = path.split(".", 2)[2] if path.startswith("blocks.") else path
        return (self.encoder if part == "encoder" else self.decoder).dropout_rate(place)
