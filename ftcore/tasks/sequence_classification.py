"""One label a sequence of numbers: a recording, a curve, a series of measurements."""

from typing import ClassVar

from ftcore.contract.network import Input
from ftcore.data.forms import NUMBERS, Form
from ftcore.targets.one_label import OneLabelTask


class SequenceClassification(OneLabelTask):
    """One of several classes."""

    name: ClassVar[str] = "sequence-classification"
    reads: ClassVar[Input] = "vectors"
    forms: ClassVar[tuple[Form, ...]] = ((NUMBERS,),)
