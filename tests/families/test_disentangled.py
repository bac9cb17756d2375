"""Disentangled attention: positions are those of transformers, and every place drops the same on every backend."""

from typing import Any

import checkpoints
import numpy as np
import pytest
import torch
from transformers.models.deberta_v2.modeling_deberta_v2 import build_relative_position, make_log_bucket_position

from ftcore.conformance import batches
from ftcore.conformance.families import FAMILY_CASES, Variant
from ftcore.conformance.kinds import TEXT_CLASSIFIER
from ftcore.conformance.measure import relative
from ftcore.contract import Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.network import Disentangled, Network
from ftcore.contract.network.disentangled import buckets, table_rows
from ftcore.contract.optimizers import SGD
from ftcore.models import FAMILIES

NAME = "deberta-v2"
VARIANTS = [one for one in FAMILY_CASES[NAME].every() if one.of_kind is TEXT_CLASSIFIER]
RATES = ("hidden_dropout_prob", "attention_probs_dropout_prob", "pooler_dropout", "cls_dropout")
BOTH = frozenset({"content_to_position", "position_to_content"})


@pytest.mark.parametrize(
    ("count", "farthest"), [(256, 512), (32, 512), (6, 34), (7, 20), (2, 512), (128, 130), (320, 1024), (64, 34)]
)
def test_buckets_are_those_of_transformers(count: int, farthest: int) -> None:
    distances = torch.arange(-2 * 512, 2 * 512 + 1)
    wanted = make_log_bucket_position(distances, count, farthest).long()
    np.testing.assert_array_equal(buckets(distances.numpy(), count, farthest), wanted.numpy())


@pytest.mark.parametrize(
    ("described", "longest"),
    [
        (Disentangled(BOTH, 512, 256), 512),
        (Disentangled(BOTH, 24, 6), 40),
        (Disentangled(BOTH, 512), 512),
        (Disentangled(BOTH, 4), 33),
        (Disentangled(BOTH, 1), 1),
    ],
)
def test_rows_are_those_of_transformers_for_both_terms(described: Disentangled, longest: int) -> None:
    tokens = torch.zeros(longest, 1)
    distances = build_relative_position(tokens, tokens, described.buckets or -1, described.farthest)[0]
    last = 2 * described.span - 1
    of_queries = (distances + described.span).clamp(0, last)
    of_keys = (-distances + described.span).clamp(0, last).T
    rows, places = table_rows(described, longest), np.arange(longest)
    found = rows[longest - 1 - places[:, None] + places]
    assert rows.shape == (2 * longest,)
    np.testing.assert_array_equal(found, of_queries.numpy())
    np.testing.assert_array_equal(found, of_keys.numpy())


def test_transformers_cannot_pack() -> None:
    """Its body takes no mask of tokens and tokens, which packed rows need: so the description says."""
    model, ids, mask = checkpoints.build(NAME), torch.full((2, 6), 5), torch.ones((2, 6, 6))
    for shaped in (mask, mask.unsqueeze(1)):
        with pytest.raises(RuntimeError, match="must match the size"):
            model(input_ids=ids, attention_mask=shaped)
    assert not FAMILIES[NAME].architecture(checkpoints.config(NAME), None).packs


def losses(backend: str, variant: Variant, rates: dict[str, float]) -> tuple[float, float]:
    """Return a training step's loss, and the same without dropout."""
    config: dict[str, Any] = {**variant.config, **dict.fromkeys(RATES, 0.0), **rates}
    architecture = FAMILIES[NAME].architecture(config, None)
    network = Network(architecture, FAMILIES[NAME].head(architecture, 3, "pooler", "joint"))
    program = Program(network, CrossEntropy(), SGD(), precision="float64", decay_exempt=frozenset(), seed=4)
    learner = backends.load(backend).build(program, "cpu")
    learner.load_tensors({one.name: variant.value(one.name, one.shape) for one in network.parameters})
    batch = variant.batch()
    without = learner.forward(batch, Want(loss=True)).loss
    assert without is not None
    step = learner.train_step(batches.step(CrossEntropy(), [batch], index=3))
    return float(step.loss), without / batch.examples


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variant", "rates"),
    [
        *((one, dict.fromkeys(RATES, 0.2)) for one in VARIANTS),
        *((VARIANTS[0], {name: 0.4}) for name in RATES),
    ],
    ids=[*(one.name for one in VARIANTS), *RATES],
)
def test_every_backend_drops_the_same(variant: Variant, rates: dict[str, float]) -> None:
    found = [losses(backend, variant, rates) for backend in backends.names()]
    for dropped, without in found:
        assert relative(dropped, found[0][0]) <= 1e-12
        assert abs(dropped - without) > 1e-4


@pytest.mark.parametrize(
    "name",
    [
        "lm_predictions.lm_head.dense.weight",
        "lm_predictions.lm_head.bias",
        "mask_predictions.classifier.weight",
        "deberta.embeddings.word_embeddings._weight",
        "deberta.embeddings.position_embeddings._weight",
        "deberta.embeddings.position_embeddings.weight",
    ],
)
def test_what_version_3_stores_beside_its_body_is_left_out(name: str) -> None:
    assert FAMILIES[NAME].ignores(name)
    assert not FAMILIES[NAME].ignores(f"{name}s")
