"""Defines the fields of the spec's `data` part for targets."""

import re
from collections import Counter
from typing import Annotated, Literal

from annotated_types import MinLen
from pydantic import BeforeValidator, Field

from ftcore.parts import Problems, SpecPart
from ftcore.targets.label_codes import label_text

LabelForm = Literal["names", "indicators"]
"""How the labels of a row that has several are written."""


class LabelOrder(SpecPart):
    """The labels and their order."""

    labels: list[Annotated[str, BeforeValidator(label_text, json_schema_input_type=str | int | bool)]] | None = Field(
        None, description="The labels in order; default: found in train, sorted."
    )

    def _problems(self) -> Problems:
        if self.labels is None:
            return []
        if not self.labels:
            return [(("labels",), "given an empty list; leave labels out to find them in train")]
        twice = [label for label, count in Counter(self.labels).items() if count > 1]
        return [(("labels",), f"{label!r} is given more than once") for label in twice]


class LabelSetForm(SpecPart):
    """The form of the labels of a row that has several."""

    label_separator: Annotated[str, MinLen(1)] | None = Field(
        None,
        description='What separates the labels of a row that are one text; default: "|", or a list such as ["a", "b"]. '
        "Texts with a comma or semicolon and without any | must be told apart by this field.",
    )
    label_form: LabelForm | None = Field(
        None,
        description="Rows name their labels, or are vectors of zeros and ones (indicators) for data.labels; default: "
        "names, unless every row can only be such a vector.",
    )

    def _problems(self) -> Problems:
        if self.label_form != "indicators" or getattr(self, "labels", None) is not None:
            return []
        return [(("label_form",), "indicators need data.labels: the names of the labels, in the order of the vectors")]


class AnswerPattern(SpecPart):
    """The part of a generated text that is judged."""

    answer_pattern: str | None = Field(
        None,
        description="A regular expression for the answer in a completion (its first group, if it has one); results are "
        "then judged by exact match of generated answers.",
    )

    def _problems(self) -> Problems:
        try:
            re.compile(self.answer_pattern or "")
        except re.error as error:
            return [(("answer_pattern",), f"is not a regular expression: {error}")]
        return []
