"""Describes multi-head attention and its position encodings."""

from dataclasses import dataclass
from typing import Literal

from ftcore.contract.network.norm import Norm

PositionTerm = Literal["content_to_position", "position_to_content"]


@dataclass(frozen=True)
class Rotary:
    """Rotary positions (Su et al. 2021): pairs of channels of queries and keys are rotated by an angle.

    Attributes:
        frequencies: float32 values in radians per position, of the channel pairs (i, i + len(frequencies)); a head's
            other channels are not rotated.
        scale: factor of cosine and sine.
    """

    frequencies: tuple[float, ...]
    scale: float = 1.0


@dataclass(frozen=True)
class RelativePositions:
    """Relative positions (Raffel et al. 2020): a learned bias of the scores for each head and distance bucket.

    Attributes:
        buckets: number of rows of the table.
        farthest: distance from which on all distances share a bucket.
        bidirectional: whether later keys have buckets of their own.
    """

    buckets: int
    farthest: int
    bidirectional: bool


@dataclass(frozen=True)
class Disentangled:
    """Disentangled attention: scores between contents and relative positions are added (He et al. 2021, equation 4).

    All blocks share a table of 2 * span rows, one for each relative position.

    Attributes:
        terms: "content_to_position" compares queries with keys computed from the table's rows; "position_to_content"
            compares keys with queries computed from them.
        farthest: distance from which on all distances share a row.
        buckets: number of rows for each sign, if far distances share rows by their logarithm; else None.
        shared: whether the tokens' query and key maps also apply to the rows.
        norm: whether the rows are normalized first.
    """

    terms: frozenset[PositionTerm]
    farthest: int
    buckets: int | None = None
    shared: bool = False
    norm: bool = False

    @property
    def span(self) -> int:
        """Half the table's rows."""
        return self.buckets or self.farthest

    @property
    def maps(self) -> dict[PositionTerm, str]:
        """Each term's linear map in a block's attention, which is applied to the rows."""
        made: dict[PositionTerm, str] = {"content_to_position": "key", "position_to_content": "query"}
        own = "" if self.shared else "position_"
        return {term: f"{own}{name}" for term, name in made.items() if term in self.terms}


@dataclass(frozen=True)
class Attention:
    """Attention with several heads.

    Attributes:
        heads, channels: number of query heads, and the size of each.
        key_value_heads: number of key and value heads; equally many query heads share each (Ainslie et al. 2023).
        scale: factor of the products of queries and keys.
        biases: the linear maps that have a bias: "query", "key", "value", "output".
        joint: whether queries, keys and values are stored as one map.
        causal: whether a token does not attend to later ones.
        cap: scores are cap * tanh(score / cap); None for no bound.
        head_norm: norm of each head's queries and keys, or None.
        windows: for each block, the distance from which on a token does not attend to others, in both directions
            unless attention is causal; None for no bound, () if no block has one.
        rotaries: for each block its rotary positions, or None; () if no block has any.
        relative: relative positions, shared by all blocks, or None.
        disentangled: disentangled attention to relative positions, or None.
    """

    heads: int
    channels: int
    key_value_heads: int
    scale: float
    biases: frozenset[str] = frozenset({"query", "key", "value", "output"})
    joint: bool = False
    causal: bool = False
    cap: float | None = None
    head_norm: Norm | None = None
    windows: tuple[int | None, ...] = ()
    rotaries: tuple[Rotary | None, ...] = ()
    relative: RelativePositions | None = None
    disentangled: Disentangled | None = None

    def window(self, block: int) -> int | None:
        """Return a block's window, or None."""
        return self.windows[block] if self.windows else None

    def rotary(self, block: int) -> Rotary | None:
        """Return a block's rotary positions, or None."""
        return self.rotaries[block] if self.rotaries else None
