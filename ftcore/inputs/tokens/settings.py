"""The fields of the spec's `data` part that belong to texts and words."""

from typing import Annotated, Literal

from annotated_types import Ge
from pydantic import Field

from ftcore.data import PAIR, TEXT
from ftcore.parts import Problems, SpecPart
from ftcore.text import PredicateMark


class TextLength(SpecPart):
    """How long a sequence may be."""

    max_length: Annotated[int, Ge(2)] = Field(128, description="Tokens a sequence, special tokens included.")


class TextPair(SpecPart):
    """How two texts are read."""

    pair: Literal["joint", "separate"] = Field(
        "joint", description="Two texts in one sequence, or two encodings u, v joined as [u, v, |u-v|, u*v]."
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

    pair: Literal["separate"] = Field("separate", description="Each text of an example has an encoding of its own.")


class WordLabels(SpecPart):
    """Which tokens carry the label of a word."""

    label_subwords: Literal["first", "all"] = Field(
        "first", description="Which tokens of a word have its label where words have labels."
    )


class SentenceWindows(SpecPart):
    """How long sentences are divided."""

    overlap: Annotated[int, Ge(0)] | None = Field(
        None,
        description="Where words have labels, a sentence longer than max_length becomes windows that share up to so "
        "many tokens, in whole words; default: it is cut.",
    )


class MarkedPredicate(SpecPart):
    """How the network is told which word is the predicate."""

    mark_predicate: PredicateMark = Field(
        "markers", description="How the predicate is marked: added tokens around it, or token type 1 at its tokens."
    )
