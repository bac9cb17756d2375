"""Defines the fields of the spec's `data` part for texts and words."""

from typing import Annotated, Literal

from annotated_types import Ge
from pydantic import Field

from ftcore.data import PAIR, TEXT
from ftcore.parts import Problems, SpecPart
from ftcore.text import PredicateMark


class TextLength(SpecPart):
    """The maximum length of a sequence."""

    max_length: Annotated[int, Ge(2)] = Field(128, description="Maximum tokens per sequence, with special tokens.")


class TextPair(SpecPart):
    """How two texts are read."""

    pair: Literal["joint", "separate"] = Field(
        "joint", description="Two texts in one sequence, or two encodings u, v combined as [u, v, |u-v|, u*v]."
    )

    def _problems(self) -> Problems:
        columns = getattr(self, "columns", {})
        given = [name for name in PAIR if name in columns]
        if given and TEXT in columns:
            return [(("columns",), "give text, or text_a and text_b, not both")]
        if len(given) == 1:
            return [(("columns",), f"{given[0]} is given alone: a pair needs text_a and text_b")]
        if self.pair == "separate" and TEXT in columns:
            return [(("pair",), "separate needs two texts: data.columns must give text_a and text_b, not text")]
        return []


class SeparateTexts(SpecPart):
    """Texts that are always encoded separately."""

    pair: Literal["separate"] = Field("separate", description="Each text of an example is encoded separately.")


class WordLabels(SpecPart):
    """Which tokens of a word carry its label."""

    label_subwords: Literal["first", "all"] = Field(
        "first", description="In tasks that label words: which tokens of a word carry its label."
    )


class SentenceWindows(SpecPart):
    """How sentences longer than max_length are divided."""

    overlap: Annotated[int, Ge(0)] | None = Field(
        None,
        description="In tasks that label words: a sentence longer than max_length is divided into windows that overlap "
        "by up to this many tokens, in whole words. Default: it is truncated.",
    )


class MarkedPredicate(SpecPart):
    """How the network is told which word is the predicate."""

    mark_predicate: PredicateMark = Field(
        "markers", description="How the predicate is marked: added tokens around it, or token type 1 at its tokens."
    )
