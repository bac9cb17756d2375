"""Describes a transformer: embeddings, then identical blocks of attention and feed-forward."""

from dataclasses import dataclass

from ftcore.contract.network.attention import Attention
from ftcore.contract.network.feed_forward import EmbeddingConvolution, FeedForward
from ftcore.contract.network.norm import Norm, NormPlace
from ftcore.contract.network.patches import Patches


@dataclass(frozen=True)
class Transformer:
    """Embeddings, then identical blocks of attention and feed-forward, each with a residual.

    Attributes:
        vocabulary, positions, token_types: rows of the embedding tables; `positions` is the largest length of a
            sequence, also with rotary positions; if `token_types` is 0, there is no such table.
        hidden, blocks: number of channels, and of blocks.
        attention, feed_forward: parts of every block.
        norm: every norm of a block, of the embeddings and at the end.
        hidden_dropout: dropout rate of the embeddings.
        attention_dropout: dropout rate of attention weights.
        mixed_dropout: dropout rate of attention's output.
        feed_forward_dropout: dropout rate of feed-forward's output.
        initializer_range: standard deviation of new weights.
        pad_token: id of the padding token.
        untrained_token: id of a token whose row of the table has no gradient (transformers' padding_idx), or None.
        embedding: channels of the embeddings, if a linear map projects them to `hidden`; else None.
        first_position: row of the table of positions for the first token of a sequence.
        uncounted_token: id of a token that the positions of a sequence leave out: it has the row before
            `first_position`, and the tokens behind it count without it (RoBERTa's padding token, which a text may
            hold); None if every token counts.
        position_table: whether positions are learned, and added to the embeddings.
        norm_place: "after" a residual sum; "before" attention or feed-forward; "around" means both.
        embedding_norm, final_norm: whether the embeddings, and the last block's output, are normalized.
        first_norm: whether the first block's attention has a norm.
        embedding_scale: factor of the token embeddings.
        patches: the embeddings of an image, if that is the input; then `vocabulary` is 0, and every image has
            `positions` tokens.
        inner_dropout: dropout rate after feed-forward's activation.
        order: the blocks in the order of application, if that is not each block once; else ().
        projects_first: whether the map from `embedding` to `hidden` comes before norm and dropout, without a bias.
        convolution: convolution beside the first block, or None.
        reads_whole: whether the last block computes all tokens even if the head reads one.
        static_positions: whether the table of positions is a buffer of sinusoids.
        cross_attention: a decoder block's attention to the encoder's output, after attention; or None.
        final_dropout: dropout rate after the final norm.
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
    uncounted_token: int | None = None
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
        """Largest number of tokens of a sequence."""
        return self.positions - self.first_position

    @property
    def applied(self) -> tuple[int, ...]:
        """The blocks in the order of application."""
        return self.order or tuple(range(self.blocks))

    @property
    def reads_alone(self) -> bool:
        """Whether the last block can compute one token of a sequence without the others (see ONE_TOKEN)."""
        of_places = self.attention.causal or self.attention.rotaries or self.attention.relative
        return self.norm_place == "after" and not (of_places or self.order or self.reads_whole)

    def dropout_rate(self, place: str) -> float:
        """Return the rate of a dropout site, by its canonical path within a block or outside: "feed_forward.inner"."""
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
