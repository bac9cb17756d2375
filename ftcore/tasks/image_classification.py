"""One label an image."""

from typing import ClassVar, Literal

from ftcore.data.forms import IMAGE, Form
from ftcore.targets.one_label import OneLabelTask


class ImageClassification(OneLabelTask):
    """One of several classes."""

    name: ClassVar[str] = "image-classification"
    reads: ClassVar[Literal["images"]] = "images"
    forms: ClassVar[tuple[Form, ...]] = ((IMAGE,),)
