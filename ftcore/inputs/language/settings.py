"""Defines the fields of the spec's `data` part for language models."""

from typing import Annotated

from annotated_types import Ge, Interval
from pydantic import Field

from ftcore.parts import SpecPart


class TargetTexts(SpecPart):
    """How a source and its target text are read."""

    target_max_length: Annotated[int, Ge(2)] | None = Field(
        None, description="Maximum tokens of a target text, with special tokens; default: max_length."
    )
    source_prefix: str = Field("", description="Text put before every source text, such as 'summarize: '.")
    source_language: str | None = Field(None, description="Source language, one of the tokenizer's codes.")
    target_language: str | None = Field(None, description="Target language, one of the tokenizer's codes.")


class Separator(SpecPart):
    """The text between a prompt and its completion."""

    separator: str = Field("\n", description="Text between a prompt and its completion.")


class MaskedShare(SpecPart):
    """How many tokens are masked."""

    masked_share: Annotated[float, Interval(gt=0, lt=1)] = Field(0.15, description="Share of tokens masked per step.")
