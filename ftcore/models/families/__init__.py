"""The model families, by the `model_type` of their configs."""

from ftcore.models.families.base import Family
from ftcore.models.families.bert import Bert

FAMILIES: dict[str, Family] = {family.name: family for family in (Bert(),)}

__all__ = ["FAMILIES", "Family"]
