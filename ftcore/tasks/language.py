"""What tasks of language models are: their examples have no labels, and what is learned are tokens of texts."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Protocol

from ftcore.contract.losses import Loss
from ftcore.data.forms import Form

Model = Literal["causal", "masked", "encoder-decoder"]
"""What a network predicts: the next token, masked ones, or the next token of another text."""
TEXT_MODES: Mapping[str, Literal["max", "min"]] = {"loss": "min", "perplexity": "min", "token_accuracy": "max"}
"""Metrics of tokens that are predicted from those before, and whether more or less is better."""


class LanguageTask(Protocol):
    """One kind of task of language models."""

    name: ClassVar[str]
    reads: ClassVar[Literal["tokens"]]
    unit: ClassVar[Literal["vocabulary"]]
    """A network has logits over the vocabulary, for every position."""
    model: ClassVar[Model]
    forms: ClassVar[tuple[Form, ...]]
    """The columns that an example may be made of: one of these."""
    given: ClassVar[tuple[Form, ...]]
    """The columns that are read where texts are generated."""
    target: ClassVar[str]
    """"": there is no column of labels."""
    problem_type: ClassVar[str]
    losses: ClassVar[tuple[type[Loss], ...]]
    metric: ClassVar[str]
    modes: ClassVar[Mapping[str, Literal["max", "min"]]]
    """Metrics of every evaluation, and whether more or less is better."""
    text_metrics: ClassVar[tuple[str, ...]]
    """Metrics of generated texts; () where nothing judges them."""

    def judges(self, references: Sequence[Sequence[str]]) -> dict[str, str]:
        """Return what computes each metric of generated texts, with its version and settings.

        Args:
            references: of each example, every text that is right.

        Raises:
            FtcoreError: a library that is needed is not installed.
        """
        ...

    def judge(
        self, texts: Sequence[str], references: Sequence[Sequence[str]], answer_pattern: str | None
    ) -> dict[str, float]:
        """Return the metrics of generated texts; {} where nothing judges them.

        Args:
            texts: generated, one an example.
            references: for each, every text that is right.
            answer_pattern: a regular expression that finds the answer within a text, or None.

        Raises:
            FtcoreError: a library that is needed is not installed.
        """
        ...
