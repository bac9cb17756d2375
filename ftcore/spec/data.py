"""The `data` part of a spec."""

import re
from collections import Counter
from typing import Annotated, Literal

from annotated_types import Ge, Interval
from pydantic import BeforeValidator, Field, model_validator

from ftcore.data.forms import PAIR, TEXT
from ftcore.helpers.suggestions import did_you_mean
from ftcore.parts import Place, SpecPart, require_fit
from ftcore.targets.label_codes import label_text
from ftcore.tasks import ANY_TASK
from ftcore.text import PredicateMark

Split = str | Annotated[float, Interval(gt=0, lt=1)]

COLUMNS = tuple(
    dict.fromkeys(
        [
            *(name for task in ANY_TASK.values() for form in task.forms for name in form),
            *(task.target for task in ANY_TASK.values() if task.target),
        ]
    )
)
"""ftcore's names of columns, for any task."""


class DataSpec(SpecPart):
    """Where the examples are, and how a row is read."""

    train: str = Field(
        min_length=1,
        description="A file (csv, tsv, jsonl, json, parquet, arrow, conll), a saved datasets folder or a hub name; of "
        "images also a folder with a subfolder for each class; of images and numbers also a .npz file; of tensors "
        "only that, or a folder of .npy files.",
    )
    validation: Split | None = Field(None, description="A file, or a fraction of train, held out by seed.")
    test: Split | None = Field(None, description="A file, or a fraction of train, held out by seed.")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="ftcore's name: the file's name.",
        json_schema_extra={"propertyNames": {"enum": list(COLUMNS)}},
    )
    max_length: Annotated[int, Ge(2)] = Field(128, description="Tokens a sequence, special tokens included.")
    pair: Literal["joint", "separate"] = Field(
        "joint", description="Two texts in one sequence, or two encodings u, v joined as [u, v, |u-v|, u*v]."
    )
    labels: list[Annotated[str, BeforeValidator(label_text, json_schema_input_type=str | int | bool)]] | None = Field(
        None, description="The labels in order; default: found in train, sorted."
    )
    overlap: Annotated[int, Ge(0)] | None = Field(
        None,
        description="Where words have labels, a sentence longer than max_length becomes windows that share up to so "
        "many tokens, in whole words; default: it is cut.",
    )
    label_subwords: Literal["first", "all"] = Field(
        "first", description="Which tokens of a word have its label where words have labels."
    )
    standardize: bool = Field(
        False,
        description="Of sequences of numbers: less train's mean of each channel, divided by its deviation; kept with "
        "the model.",
    )
    mark_predicate: PredicateMark = Field(
        "markers", description="How the predicate is marked: added tokens around it, or token type 1 at its tokens."
    )
    target_max_length: Annotated[int, Ge(2)] | None = Field(
        None, description="Tokens of a target text, special tokens included; default: max_length."
    )
    source_prefix: str = Field("", description="Put before every source text, such as 'summarize: '.")
    source_language: str | None = Field(None, description="Code of the source texts, where the tokenizer has codes.")
    target_language: str | None = Field(None, description="Code of the target texts, where the tokenizer has codes.")
    separator: str = Field("\n", description="Between a prompt and its completion.")
    answer_pattern: str | None = Field(
        None,
        description="A regular expression that finds the answer in a completion, by its first group where it has one; "
        "the result is then judged by exact match of generated answers.",
    )
    masked_share: Annotated[float, Interval(gt=0, lt=1)] = Field(0.15, description="Tokens that a step masks.")
    on_bad_row: Literal["stop", "skip"] = Field("stop", description="skip counts bad rows and writes rejected.jsonl.")

    @model_validator(mode="after")
    def _fits(self) -> "DataSpec":
        require_fit(
            [*self._column_problems(), *self._label_problems(), *self._split_problems(), *self._pattern_problems()]
        )
        return self

    def _column_problems(self) -> list[tuple[Place, str]]:
        problems: list[tuple[Place, str]] = [
            (("columns", name), f"unknown column{did_you_mean(name, COLUMNS)}; allowed: {', '.join(COLUMNS)}")
            for name in self.columns
            if name not in COLUMNS
        ]
        given = [name for name in PAIR if name in self.columns]
        if given and TEXT in self.columns:
            problems.append((("columns",), "give text, or text_a and text_b, not both"))
        elif len(given) == 1:
            problems.append((("columns",), f"{given[0]} is given alone: a pair needs text_a and text_b"))
        elif self.pair == "separate" and TEXT in self.columns:
            problems.append((("pair",), "separate needs two texts: data.columns must give text_a and text_b, not text"))
        return problems

    def _label_problems(self) -> list[tuple[Place, str]]:
        if self.labels is None:
            return []
        if not self.labels:
            return [(("labels",), "given an empty list; leave labels out to find them in train")]
        twice = [label for label, count in Counter(self.labels).items() if count > 1]
        return [(("labels",), f"{label!r} is given more than once") for label in twice]

    def _pattern_problems(self) -> list[tuple[Place, str]]:
        try:
            re.compile(self.answer_pattern or "")
        except re.error as error:
            return [(("answer_pattern",), f"is no regular expression: {error}")]
        return []

    def _split_problems(self) -> list[tuple[Place, str]]:
        fractions = [part for part in (self.validation, self.test) if isinstance(part, float)]
        if sum(fractions) < 1:
            return []
        return [(("test",), f"validation and test take {sum(fractions):g} of train: together they must be below 1")]
