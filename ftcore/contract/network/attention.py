"""Attention with several heads, and the positions that it may read."""

from dataclasses import dataclass
from typing import Literal

from ftcore.contract.network.norm import Norm

PositionTerm = Literal["content_to_position", "position_to_content"]


@dataclass(frozen=True)
class Rotary:
    """Rotary positions (Su et al. 2021): pairs of channels of queries and keys are turned by an angle.

    Attributes:
        frequencies: float32 values, radians a position, of the pairs (i, i + len(frequencies)); a head's further
            channels are not turned.
        scale: of cosine and sine.
    """

    frequencies: tuple[float, ...]
    scale: float = 1.0


@dataclass(frozen=True)
class RelativePositions:
    """Relative positions (Raffel et al. 2020): a learned number for each head and bucket of distances, added to scores.

    Attributes:
        buckets: rows of the table.
        farthest: distance from which on all share a bucket.
        bidirectional: whether later keys have buckets of their own.
    """

    buckets: int
    farthest: int
    bidirectional: bool


@dataclass(frozen=True)
class Disentangled:
    """Scores of contents with relative positions, beside those of contents (He et al. 2021, equation 4).

    All blocks share a table of 2 * span rows, a row for each relative position.

    Attributes:
        terms: "content_to_position" compares queries with keys made of the table's rows; "position_to_content" keys
            with queries made of them.
        farthest: distance from which on all share a row.
        buckets: how many rows there are of either sign, where far distances share rows by their logarithm, or None.
        shared: whether the maps of the tokens' queries and keys make those of the rows too.
        norm: whether the rows go through a norm first.
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
        """The linear map of a block's attention that each term applies to the rows."""
        made: dict[PositionTerm, str] = {"content_to_position": "key", "position_to_content": "query"}
        own = "" if self.shared else "position_"
        return {term: f"{own}{name}" for term, name in made.items() if term in self.terms}


@dataclass(frozen=True)
class Attention:
    """Attention with several heads.

    Attributes:
        heads, channels: of the queries, and the size of each.
        key_value_heads: of keys and values; equal numbers of queries share one (Ainslie et al. 2023).
        scale: of the products of queries and keys.
        biases: the linear maps that have one: "query", "key", "value", "output".
        joint: whether one stored map gives queries, keys and values.
        causal: whether a token attends to no later one.
        cap: scores are cap * tanh(score / cap); None for no bound.
        head_norm: of each head's queries and of its keys, or None.
        windows: for each block the distance from which on a token attends to no other, before it or, where it is not
            causal, after it; None for no bound, () where no block has any.
        rotaries: for each block its rotary positions, or None; () where no block has any.
        relative: the relative positions that all blocks share, or None.
        disentangled: the table of relative positions that its contents are compared with, or None.
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
