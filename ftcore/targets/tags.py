"""What tasks of one tag a word share: all but the columns, which tags there may be, and what is measured."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.data.forms import TOKENS, Form
from ftcore.data.words import Words
from ftcore.targets.label_codes import LabelCodes


class OneTagTask:
    """One of several tags for each word of a sentence.

    A word that the network did not read, because max_length cut it off or the tokenizer has no token for it, is not
    predicted.
    """

    forms: ClassVar[tuple[Form, ...]]
    """The columns of a sentence: one form."""
    reads: ClassVar[Literal["tokens"]] = "tokens"
    unit: ClassVar[Literal["token"]] = "token"
    target: ClassVar[str] = "tags"
    problem_type: ClassVar[str] = ""
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)

    def outputs(self, labels: Sequence[str]) -> int:
        """Return one logit a tag."""
        return len(labels)

    def initial_bias(self, targets: Words) -> np.ndarray | None:
        """Return None: every tag starts alike."""
        return None

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return None: a sentence has many tags."""
        return None

    def beside(self, given: Mapping[str, Any], prediction: Mapping[str, Any]) -> dict[str, Any]:
        """Return a prediction as people read it, beside the row's columns, by ftcore's names, that it is of."""
        return {TOKENS: given[TOKENS], **prediction}


class Tags:
    """Collects a list of tags a row.

    Args:
        codes: of the tags.
        text: returns a tag as text; raises ValueError for what is no tag of the task.
    """

    def __init__(self, codes: LabelCodes, text: Callable[[object], str]) -> None:
        self._codes = codes
        self._text = text
        self._words: array[int] = codes.array()

    def add(self, value: object) -> None:
        """Take a row's tags; raises ValueError with the reason where they are wrong."""
        if not isinstance(value, list | tuple | np.ndarray):
            raise ValueError(f"tags are a list, one a token, not {value!r}")
        texts = [self._named(tag, place) for place, tag in enumerate(value, start=1)]
        # All are looked at before one of them becomes a class.
        self._words.extend([self._codes.code(text) for text in texts])

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the tags in order, and int32 [words]."""
        labels, order = self._codes.finish()
        words = np.asarray(self._words, dtype=np.int32)
        return labels, order[words] if len(words) else words

    def _named(self, tag: object, place: int) -> str:
        try:
            return self._text(tag)
        except ValueError as error:
            raise ValueError(f"tag {place}: {error}") from None
