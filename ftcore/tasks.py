"""Defines the tasks as a table of inputs and targets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import create_model

from ftcore.data import PAIR, ROW_COLUMNS, TRIPLET, DataSpec, RowChoice, TableFormat
from ftcore.helpers import did_you_mean
from ftcore.inputs import Input
from ftcore.inputs.arrays import Arrays
from ftcore.inputs.images import Images
from ftcore.inputs.language import MaskedTexts, PlainTexts, PromptsAndAnswers, SourcesAndTargets
from ftcore.inputs.questions import Questions
from ftcore.inputs.series import Series
from ftcore.inputs.tokens import Clauses, SeparateTexts, Texts, Words
from ftcore.models import ModelSpec, OwnModule
from ftcore.targets import (
    Answers,
    Bleu,
    ExtractedAnswer,
    MaskedToken,
    NextToken,
    OneLabel,
    OneNumber,
    ReadyLabels,
    Rewriting,
    Rouge,
    SemanticRoles,
    SeveralLabels,
    Similarity,
    Target,
    WordTags,
)


@dataclass(frozen=True)
class Task:
    """One task.

    Attributes:
        name: the name in a spec.
        input: what the network reads.
        target: what is learned.
        aliases: earlier names, which still work.
    """

    name: str
    input: Input
    target: Target
    aliases: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Ftcore's names of the task's columns, with those about rows."""
        own = [name for form in self.input.forms for name in form]
        return tuple(dict.fromkeys([*own, *([self.target.column] if self.target.column else []), *ROW_COLUMNS]))

    def unknown_columns(self, given: Iterable[str]) -> dict[str, str]:
        """Return what is wrong with each of these names that is no column of the task, in words."""
        own = self.columns
        near = {name: did_you_mean(name, own) for name in given if name not in own}
        return {
            name: f"the task {self.name} has no column {name}{text}: its columns are {', '.join(own)}"
            for name, text in near.items()
        }

    @cached_property
    def data_class(self) -> type[DataSpec]:
        """The class of the spec's `data` part: the common fields, and those of input and target."""
        tables = (RowChoice, TableFormat) if self.input.tabular else ()
        parts: tuple[Any, ...] = (*self.target.parts, *reversed(self.input.parts), *tables, DataSpec)
        return create_model(f"{_camel(self.name)}Data", __base__=parts, __doc__=DataSpec.__doc__)

    @cached_property
    def model_class(self) -> type[ModelSpec]:
        """The class of the spec's `model` part: the common fields, and those of the target's head."""
        own = (OwnModule,) if self.input.takes_modules and self.target.fits_modules else ()
        parts: tuple[Any, ...] = (*own, *self.target.model_parts, ModelSpec)
        return create_model(f"{_camel(self.name)}Model", __base__=parts, __doc__=ModelSpec.__doc__)


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task("text-classification", Texts(), OneLabel()),
        Task("multi-label-classification", Texts(), SeveralLabels()),
        Task("text-regression", Texts(), OneNumber()),
        Task("token-classification", Words(), WordTags()),
        Task("semantic-role-labeling", Clauses(), SemanticRoles()),
        Task("question-answering", Questions(), ExtractedAnswer()),
        Task("image-classification", Images(), OneLabel()),
        Task("series-classification", Series(), OneLabel(), aliases=("sequence-classification",)),
        Task("sentence-embedding", Texts((PAIR, TRIPLET), SeparateTexts), Similarity()),
        Task("tensors", Arrays(), ReadyLabels()),
        Task("causal-language-modeling", PlainTexts(), NextToken()),
        Task("instruction-tuning", PromptsAndAnswers(), Answers()),
        Task("masked-language-modeling", MaskedTexts(), MaskedToken()),
        Task("summarization", SourcesAndTargets(), Rewriting(Rouge)),
        Task("translation", SourcesAndTargets(), Rewriting(Bleu)),
    )
}
"""The tasks, by their names in a spec."""
ALIASES: Mapping[str, str] = {alias: task.name for task in TASKS.values() for alias in task.aliases}
"""The present names of tasks, by earlier names."""
ARRAYS: str = next(name for name, task in TASKS.items() if isinstance(task.input, Arrays))
"""The name of the task of ready arrays, which `finetune` runs."""


def task_of(name: str) -> Task:
    """Return a task by its name, or an earlier one.

    Raises:
        KeyError: there is no such task.
    """
    return TASKS[ALIASES.get(name, name)]
