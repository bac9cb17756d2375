"""Describes a body of convolutions of several widths over the embeddings of a text."""

from dataclasses import dataclass

from ftcore.contract.network.activation import Activation


@dataclass(frozen=True)
class TextConvolution:
    """Filters of several widths over the embeddings of a text, each pooled over time (Kim 2014, arXiv:1408.5882).

    A filter reads the windows within a text; a text shorter than the filter is one window, padded with zeros. The
    pooling "pooler" is the maximum over windows.

    Attributes:
        vocabulary: rows of the token table.
        embedding: channels of the embeddings.
        widths: widths of the filters, in tokens.
        channels: number of filters of each width.
        activation: activation of the filters.
        embedding_dropout: dropout rate of the embeddings.
        initializer_range: standard deviation of new embeddings.
    """

    vocabulary: int
    embedding: int
    widths: tuple[int, ...]
    channels: int
    activation: Activation
    embedding_dropout: float
    initializer_range: float

    @property
    def size(self) -> int:
        """Channels of the pooled vector."""
        return self.channels * len(self.widths)
