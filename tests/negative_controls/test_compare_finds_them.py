"""`ftcore compare` names the step and the quantity of every wrong backend, in a short run."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
import wrong
from in_this_process import REFERENCE, compare_with
from transformers import RobertaConfig, RobertaModel
from wrong.wrapping import WrappedBackend

from ftcore.contract import discovery
from tests import tiny

pytestmark = pytest.mark.slow
Control = type[WrappedBackend]
TEN_STEPS = {"max_steps": 10, "batch_size": 8, "seed": 3}


def padded(folder: Path) -> Path:
    """Dropout, label smoothing, padded batches, and steps of unequal parts."""
    return tiny.write_task(
        folder,
        model__dropout=0.1,
        loss={"name": "cross-entropy", "label_smoothing": 0.1},
        training={**TEN_STEPS, "batching": "padded", "micro_batch_size": 3},
    )


def packed(folder: Path) -> Path:
    return tiny.write_task(folder, training=TEN_STEPS)


def frozen(folder: Path) -> Path:
    return tiny.write_task(folder, training=TEN_STEPS, model__trainable="head")


def half(folder: Path) -> Path:
    return tiny.write_task(folder, training=TEN_STEPS, precision="float16")


def roberta(folder: Path) -> Path:
    """A family that counts positions from its padding token's id; token 0 is no padding."""
    path = tiny.write_task(folder, training=TEN_STEPS)
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = RobertaConfig(vocab_size=len(tiny.VOCABULARY), max_position_embeddings=34, pad_token_id=1, **sizes)
    RobertaModel(config).save_pretrained(folder / "model")
    tiny.write_tokenizer(folder / "model", ["[CLS]", "[PAD]", "[UNK]", "[SEP]", "[MASK]", *tiny.WORDS])
    return path


def pairs(folder: Path) -> Path:
    """Texts that belong together, without scores."""
    tiny.write_model(folder / "model")
    rows = [{"text_a": tiny.text(number), "text_b": tiny.text(number + 3)} for number in range(24)]
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    spec = {
        "task": "sentence-embedding",
        "model": {"pretrained": "model"},
        "data": {"train": "train.jsonl", "max_length": 16},
    }
    return tiny.write_spec(folder, spec, {"training": TEN_STEPS})


FOUND: Mapping[Callable[[Path], Path], Mapping[Control, str]] = {
    padded: {
        wrong.ArgumentRenamed: "differ at step 1: from the same state, in float32, signatures of the learner: forward",
        wrong.ThroughHalfPrecision: "differ at step 1: from the same state, in float32, the loaded state",
        wrong.NoSmoothing: "differ at step 1: from the same state, in float32, loss",
        wrong.TransposedKernel: "differ at step 1: from the same state, in float32, loss",
        wrong.TanhForErf: "differ at step 1: from the same state, in float32, gradients of bert.encoder.layer.",
        wrong.NormEpsilon: "differ at step 1: from the same state, in float64, loss",
        wrong.MaskOffByOne: "differ at step 1: from the same state, in float32, loss",
        wrong.CutOff: "in float64, gradients without dropout of bert.embeddings.token_type_embeddings.weight",
        wrong.EpsilonBeforeCorrection: "differ at step 1: from the same state, in float32, updates of bert.encoder",
        wrong.DecayOnBiases: "differ at step 1: from the same state, in float32, updates of",
        wrong.OneStepLate: "differ at step 1: from the same state, in float32, updates of",
        wrong.OneBatchBehind: "differ at step 1: from the same state, in float32, loss",
        wrong.MeanOfMeans: "differ at step 1: from the same state, in float32, loss",
        wrong.MomentsLost: "differ at step 10: from the same state, in float32, gradients of",
        wrong.StepForgotten: "differ at step 2: from the same state, in float32, the loaded state: step differs",
        wrong.OneMask: "differ at step 2: from the same state, in float32, loss",
        wrong.MasksOfItsOwn: "differ at step 1: from the same state, in float32, loss",
    },
    packed: {
        wrong.PositionsRunOn: "differ at step 1: from the same state, in float32, loss",
        wrong.AttendsToNeighbours: "differ at step 1: from the same state, in float32, loss",
    },
    frozen: {wrong.DecayOfFrozen: "differ at step 1: from the same state, in float32, frozen parameters: bert."},
    half: {
        wrong.BadStepsCounted: "differ at step 1: from the same state, in float16, a step that is not finite: step",
        wrong.ScaleNeverHalved: "in float16, a step that is not finite: loss_scale differs",
    },
    roberta: {
        wrong.PositionsFromZero: "differ at step 1: from the same state, in float32, loss",
        wrong.MaskFromTokens: "take the same steps, but evaluate the same parameters differently on test: outputs of",
    },
    pairs: {wrong.NoScale: "differ at step 1: from the same state, in float32, loss"},
}
"""For each task, the wrong backends that it shows, and what the verdict must say of them."""


@pytest.mark.parametrize("write", FOUND, ids=lambda write: write.__name__)
def test_each_wrong_backend_is_named_with_step_and_quantity(
    write: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: Mapping[Any, str] = FOUND[write]
    controls = [WrappedBackend, *wanted]
    comparison = compare_with(write(tmp_path), controls, discovery.load(REFERENCE), monkeypatch)
    assert comparison.exit_code == 1
    right, *wrongs = comparison.pairs
    assert right.agree, right.verdict
    for pair, told in zip(wrongs, wanted.values(), strict=True):
        assert pair.agree is False, pair.verdict
        assert told in pair.verdict


def test_every_wrong_backend_is_tried() -> None:
    assert {control for controls in FOUND.values() for control in controls} == set(wrong.CONTROLS)
