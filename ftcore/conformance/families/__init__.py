"""The families that are compared with transformers, each as one entry of data for tests and tables."""

from ftcore.conformance.families.base import FamilyCases, Variant
from ftcore.conformance.families.decoders import DECODERS, with_language_models
from ftcore.conformance.families.encoder_decoders import ENCODER_DECODERS
from ftcore.conformance.families.encoders import ENCODERS, with_question_answering
from ftcore.conformance.families.images import IMAGES

FAMILY_CASES: dict[str, FamilyCases] = {
    cases.family: cases
    for cases in (
        *map(with_question_answering, ENCODERS),
        *map(with_language_models, DECODERS),
        *ENCODER_DECODERS,
        *IMAGES,
    )
}

__all__ = ["FAMILY_CASES", "FamilyCases", "Variant"]
