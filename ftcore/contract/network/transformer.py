"""Embeddings and equal blocks of attention and feed-forward."""

from dataclasses import dataclass

from ftcore.contract.network.attention import Attention
from ftcore.contract.network.feed_forward import EmbeddingConvolution, FeedForward
from ftcore.contract.network.norm import Norm, NormPlace
from ftcore.contract.network.patches import Patches


@dataclass(frozen=True)
class Transformer:
    """Embeddings, then equal blocks of attention and feed-forward, each with a residual.

    Attributes:
        vocabulary, positions, token_types: rows of the embedding tables; positions are the most that a sequence may
            have also where they are rotary; without token types there is no such table.
        hidden, blocks: channels, and number of blocks.
        attention, feed_forward: of every block.
        norm: every norm of a block, of the embeddings and at the end.
        hidden_dropout: rate of dropout on the embeddings.
        attention_dropout: rate on attention weights.
        mixed_dropout: rate on what attention gives.
        feed_forward_dropout: rate on what a feed-forward gives.
        initializer_range: standard deviation of new weights.
        pad_token: id of the padding token.
        untrained_token: id of a token whose row of the table has no gradient (transformers' padding_idx), or None.
        embedding: channels of the embeddings, where a linear map takes them to `hidden`; else None.
        first_position: row of the table of positions for the first token of a sequence.
        position_table: whether positions are learned, and added to the embeddings.
        norm_place: "after" a residual sum; "before" attention or feed-forward; "around" them, before and after.
        embedding_norm, final_norm: whether the embeddings, and the last block's output, go through a norm.
        first_norm: whether the first block's attention has one.
        embedding_scale: what the embeddings of tokens are multiplied by.
        patches: the embeddings of an image, where that is the input; then the vocabulary is 0, and every image has as
            many tokens as there are positions.
        inner_dropout: rate on what the feed-forward's activation gives.
        order: the blocks in the order in which they are applied, where that is not each once; else ().
        projects_first: whether the map from `embedding` to `hidden` comes before norm and dropout, without a bias.
        convolution: beside the first block, or None.
        reads_whole: whether the last block is computed whole even where the head reads one token of it.
        static_positions: whether the table of positions is a buffer, and holds sinusoids.
        cross_attention: of every block of a decoder to the encoder's output, after attention, or None.
        final_dropout: rate on what the final norm gives.
    """

    vocabulary: int
    positions: int
    token_types: int
    hidden: int
    blocks: int
    attention: Attention
    feed_forward: FeedForward
    norm: Norm
    hidden_dropout: float
    attention_dropout: float
    mixed_dropout: float
    feed_forward_dropout: float
    initializer_range: float
    pad_token: int
    untrained_token: int | None = None
    embedding: int | None = None
    first_position: int = 0
    position_table: bool = True
    norm_place: NormPlace = "after"
    embedding_norm: bool = True
    final_norm: bool = False
    first_norm: bool = True
    embedding_scale: float = 1.0
    patches: Patches | None = None
    inner_dropout: float = 0.0
    order: tuple[int, ...] = ()
    projects_first: bool = False
    convolution: EmbeddingConvolution | None = None
    reads_whole: bool = False
    static_positions: bool = False
    cross_attention: Attention | None = None
    final_dropout: float = 0.0

    @property
    def longest(self) -> int:
        """The most tokens that a sequence may have."""
        return self.positions - self.first_position

    @property
    def applied(self) -> tuple[int, ...]:
        """The blocks in the order in which they are applied."""
        return self.order or tuple(range(self.blocks))

    @property
    def reads_alone(self) -> bool:
        """Whether the last block can compute one token of a sequence without the others (see ONE_TOKEN)."""
        of_places = self.attention.causal or self.attention.rotaries or self.attention.relative
        return self.norm_place == "after" and not (of_places or self.order or self.reads_whole)

    def dropout_rate(self, place: str) -> float:
        """Return the rate of a place, by its canonical path within a block or outside: "feed_forward.inner"."""
        rates = {
            "embeddings": self.hidden_dropout,
            "attention.weights": self.attention_dropout,
            "attention": self.mixed_dropout,
            "cross_attention.weights": self.attention_dropout,
            "cross_attention": self.mixed_dropout,
            "feed_forward.inner": self.inner_dropout,
            "feed_forward": self.feed_forward_dropout,
            "final_norm": self.final_dropout,
        }
        return rates[place]
