"""Tests the round trip of a variant's checkpoint from disk through ftcore and back."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models

from ftcore.conformance.families import Variant
from ftcore.conformance.kinds.base import LABELS
from ftcore.conformance.measure import different_bits
from ftcore.contract import Learner
from ftcore.contract.network import Network, Parameter
from ftcore.contract.weights import WEIGHTS
from ftcore.files import write_json
from ftcore.models import CONFIG, draw, generic_labels
from ftcore.text import FAST, TOKENIZER_CONFIG


def values(variant: Variant, network: Network) -> dict[str, np.ndarray]:
    """Return every parameter and buffer of a variant's network in its own shape, float64; a count is int64."""
    return {tensor.name: _value(variant, tensor) for tensor in network.tensors}


def round_trip(variant: Variant, learner: Learner, wanted: Sequence[str]) -> int:
    """Take a float32 checkpoint from disk to a learner and back to disk; return how many tensors differ.

    Args:
        variant: the variant with the values of the checkpoint.
        learner: a learner of the variant's network.
        wanted: the names of the tensors that transformers writes.

    Returns:
        How many tensors are missing, unexpected, or differ in type, shape or any bit.
    """
    network = variant.network()
    saved = {tensor.name for tensor in network.tensors if tensor.saved}
    given = {name: _stored(value) for name, value in values(variant, network).items() if name in saved}
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / "source", Path(folder) / "result"
        _write(source, variant, given)
        plan = variant.of_kind.plan(source)
        learner.load_tensors(plan.tensors)
        variant.of_kind.write(result, plan, learner.tensors())
        written = load_file(result / WEIGHTS)
    return len(saved ^ set(wanted)) + different_bits(written, given)


def _value(variant: Variant, tensor: Parameter) -> np.ndarray:
    # A computed table does not depend on the checkpoint.
    if tensor.initial == "sinusoidal":
        return draw(tensor, 0.0, 0).astype(np.float64)
    return variant.value(tensor.name, tensor.shape)


def _stored(value: np.ndarray) -> np.ndarray:
    return value.astype(np.float32) if value.dtype.kind == "f" else value


def _write(folder: Path, variant: Variant, tensors: Mapping[str, np.ndarray]) -> None:
    folder.mkdir()
    labels = {"id2label": dict(enumerate(generic_labels(LABELS)))}
    (folder / CONFIG).write_text(json.dumps({**variant.whole_config, **labels}), encoding="utf-8")
    save_file(dict(tensors), folder / WEIGHTS, metadata={"format": "pt"})
    # A class that makes a tokenizer its own way needs a letter.
    words = models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]")  # noqa: S106 (no password)
    Tokenizer(words).save(str(folder / FAST))
    write_json(folder / TOKENIZER_CONFIG, {"tokenizer_class": "PreTrainedTokenizerFast"})
