"""The kind of image classifiers: images with classes."""

from pathlib import Path

import numpy as np

from ftcore.conformance import quantities
from ftcore.conformance.draws import SEED
from ftcore.conformance.kinds import text_classifier
from ftcore.conformance.kinds.base import LABELS, Fields, Kind
from ftcore.contract import Batch
from ftcore.contract.seeds import generator
from ftcore.models import ModelPlan, ModelSpec, SequenceHead, plan_pretrained

EXAMPLES = 4
ANY_SIZE = (22, 17)
"""Height and width of images for families whose configs do not have them."""


def _batch(config: Fields, step: int) -> Batch:
    draw = generator(SEED, "conformance", "family images", step)
    size = config.get("image_size", ANY_SIZE)
    height, width = (size, size) if isinstance(size, int) else size
    return Batch(
        inputs={"pixel_values": draw.standard_normal((EXAMPLES, config["num_channels"], height, width), np.float32)},
        targets={"labels": draw.integers(0, LABELS, size=EXAMPLES).astype(np.int32)},
        weights=np.ones(EXAMPLES, dtype=np.float32),
        example_ids=np.arange(EXAMPLES, dtype=np.int64),
    )


def _plan(folder: Path) -> ModelPlan:
    return plan_pretrained(ModelSpec(pretrained=str(folder), dropout=0.0), folder, SequenceHead(LABELS))


IMAGE_CLASSIFIER = Kind(
    "image classifier",
    quantities.FORWARD,
    _batch,
    text_classifier.network,
    text_classifier.class_name,
    _plan,
    text_classifier.write,
)
