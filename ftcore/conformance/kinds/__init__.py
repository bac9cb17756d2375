"""The kinds of networks in families: inputs, outputs, and how a folder is written and read."""

from ftcore.conformance.kinds.base import LABELS, Kind
from ftcore.conformance.kinds.encoder_decoder import ENCODER_DECODER
from ftcore.conformance.kinds.image_classifier import IMAGE_CLASSIFIER
from ftcore.conformance.kinds.language_model import LANGUAGE_MODEL
from ftcore.conformance.kinds.question_answering import QUESTION_ANSWERING
from ftcore.conformance.kinds.text_classifier import TEXT_CLASSIFIER

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (TEXT_CLASSIFIER, LANGUAGE_MODEL, QUESTION_ANSWERING, ENCODER_DECODER, IMAGE_CLASSIFIER)
}

__all__ = [
    "ENCODER_DECODER",
    "IMAGE_CLASSIFIER",
    "KINDS",
    "LABELS",
    "LANGUAGE_MODEL",
    "QUESTION_ANSWERING",
    "TEXT_CLASSIFIER",
    "Kind",
]
