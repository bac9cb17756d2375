"""One label a text, or a pair of texts."""

from typing import ClassVar, Literal

from ftcore.data.forms import TEXTS, Form
from ftcore.targets.one_label import OneLabelTask


class TextClassification(OneLabelTask):
    """One of several classes."""

    name: ClassVar[str] = "text-classification"
    reads: ClassVar[Literal["tokens"]] = "tokens"
    forms: ClassVar[tuple[Form, ...]] = TEXTS
