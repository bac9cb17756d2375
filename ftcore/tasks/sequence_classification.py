"""One label a sequence of numbers: a recording, a curve, a series of measurements."""

from typing import ClassVar

from ftcore.models.network import Input
from ftcore.tasks.forms import NUMBERS, Form
from ftcore.tasks.one_label import OneLabelTask


class SequenceClassification(OneLabelTask):
    """One of several classes."""

    name: ClassVar[str] = "sequence-classification"
    reads: ClassVar[Input] = "vectors"
    forms: ClassVar[tuple[Form, ...]] = ((NUMBERS,),)
