"""The model families, by the `model_type` of their configs."""

from ftcore.models.families.base import Family
from ftcore.models.families.bert import Bert
from ftcore.models.families.distilbert import DistilBert
from ftcore.models.families.electra import Electra
from ftcore.models.families.roberta import ROBERTAS

FAMILIES: dict[str, Family] = {family.name: family for family in (Bert(), *ROBERTAS, DistilBert(), Electra())}

__all__ = ["FAMILIES", "Family"]
