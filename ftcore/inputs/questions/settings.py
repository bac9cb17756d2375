"""Defines the fields of the spec's `data` part for questions with contexts."""

from typing import Annotated

from annotated_types import Ge
from pydantic import Field

from ftcore.parts import Problems, SpecPart


class QuestionWindows(SpecPart):
    """How long a question with its context may be, and how a longer context is divided."""

    max_length: Annotated[int, Ge(2)] = Field(384, description="Maximum tokens of a sequence, with special tokens.")
    stride: Annotated[int, Ge(0)] = Field(
        128,
        description="Tokens of the context that two windows share, where it is too long for one sequence with its "
        "question.",
    )

    def _problems(self) -> Problems:
        if self.stride < self.max_length:
            return []
        return [(("stride",), f"given {self.stride}, and max_length is {self.max_length}: give a smaller one")]
