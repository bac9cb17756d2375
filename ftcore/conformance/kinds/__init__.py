"""The kinds of networks that families have: what each is given and gives, and how it goes to a folder and back."""

from ftcore.conformance.kinds.base import LABELS, Kind
from ftcore.conformance.kinds.encoder_decoder import ENCODER_DECODER
from ftcore.conformance.kinds.image_classifier import IMAGE_CLASSIFIER
from ftcore.conformance.kinds.language_model import LANGUAGE_MODEL
from ftcore.conformance.kinds.text_classifier import TEXT_CLASSIFIER

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (TEXT_CLASSIFIER, LANGUAGE_MODEL, ENCODER_DECODER, IMAGE_CLASSIFIER)
}

__all__ = [
    "ENCODER_DECODER",
    "IMAGE_CLASSIFIER",
    "KINDS",
    "LABELS",
    "LANGUAGE_MODEL",
    "TEXT_CLASSIFIER",
    "Kind",
]
