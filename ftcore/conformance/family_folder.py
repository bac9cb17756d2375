"""A variant's checkpoint on disk, read and written back by ftcore."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models

from ftcore.backend import Learner
from ftcore.conformance.families import Variant
from ftcore.conformance.families.base import LABELS
from ftcore.conformance.measure import different_bits
from ftcore.models.checkpoint import WEIGHTS
from ftcore.models.config import CONFIG, generic_labels
from ftcore.models.families import FAMILIES
from ftcore.models.folder import write_model
from ftcore.models.network import Network
from ftcore.models.plan import plan_model
from ftcore.models.tokenizer_files import FAST
from ftcore.spec.model import ModelSpec
from ftcore.tasks import TASKS

TASK = "text-classification"
Tensors = Mapping[str, np.ndarray]


def network(variant: Variant) -> Network:
    """Return a variant's classifier, no dropout."""
    family = FAMILIES[variant.family]
    architecture = family.architecture(_config(variant), 0.0)
    return Network(architecture, family.head(architecture, LABELS, family.pooling, "joint"))


def round_trip(variant: Variant, learner: Learner, wanted: Sequence[str]) -> int:
    """Take a float32 checkpoint from disk to a learner and back to disk; return how many tensors differ.

    Args:
        variant: whose values the checkpoint has.
        learner: of the variant's network.
        wanted: the names that transformers gives to the classifier's tensors.

    Returns:
        How many tensors are missing, unexpected, or differ in type, shape or any bit.
    """
    shapes = {parameter.name: parameter.shape for parameter in network(variant).parameters}
    given = {name: variant.value(name, shape).astype(np.float32) for name, shape in shapes.items()}
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / "source", Path(folder) / "result"
        _write(source, variant, given)
        plan = plan_model(ModelSpec(pretrained=str(source), dropout=0.0), LABELS, "joint", 0, source)
        learner.load_tensors(plan.tensors)
        write_model(result, plan, learner.tensors(), generic_labels(LABELS), TASKS[TASK], None, {"max_length": 8})
        written = load_file(result / WEIGHTS)
    return len(set(shapes) ^ set(wanted)) + different_bits(written, given)


def _config(variant: Variant) -> dict[str, object]:
    family = FAMILIES[variant.family]
    return {"model_type": family.name, "architectures": [family.classifier_class], **variant.config}


def _write(folder: Path, variant: Variant, tensors: Tensors) -> None:
    folder.mkdir()
    labels = {"id2label": dict(enumerate(generic_labels(LABELS)))}
    (folder / CONFIG).write_text(json.dumps({**_config(variant), **labels}), encoding="utf-8")
    save_file(dict(tensors), folder / WEIGHTS, metadata={"format": "pt"})
    Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]")).save(str(folder / FAST))  # noqa: S106 (no password)
