"""The fields of the spec's `data` part that belong to texts for language models."""

from typing import Annotated

from annotated_types import Ge, Interval
from pydantic import Field

from ftcore.parts import SpecPart


class TargetTexts(SpecPart):
    """How a source and its target are read."""

    target_max_length: Annotated[int, Ge(2)] | None = Field(
        None, description="Tokens of a target text, special tokens included; default: max_length."
    )
    source_prefix: str = Field("", description="Put before every source text, such as 'summarize: '.")
    source_language: str | None = Field(None, description="Code of the source texts, where the tokenizer has codes.")
    target_language: str | None = Field(None, description="Code of the target texts, where the tokenizer has codes.")


class Separator(SpecPart):
    """What stands between a prompt and its completion."""

    separator: str = Field("\n", description="Between a prompt and its completion.")


class MaskedShare(SpecPart):
    """How many tokens are masked."""

    masked_share: Annotated[float, Interval(gt=0, lt=1)] = Field(0.15, description="Tokens that a step masks.")
