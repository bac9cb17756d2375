"""The model families, by the `model_type` of their configs."""

from ftcore.models.families.base import Family
from ftcore.models.families.bert import Bert
from ftcore.models.families.distilbert import DistilBert
from ftcore.models.families.electra import Electra
from ftcore.models.families.image_cnn import ImageCnn
from ftcore.models.families.recurrent import RECURRENT
from ftcore.models.families.roberta import ROBERTAS
from ftcore.models.families.text_cnn import TextCnn

FAMILIES: dict[str, Family] = {
    family.name: family for family in (Bert(), *ROBERTAS, DistilBert(), Electra(), *RECURRENT, TextCnn(), ImageCnn())
}

__all__ = ["FAMILIES", "Family"]
