"""Which parameters a spec's `model.trainable` names, and which of them decay."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ftcore.contract.network import Network
from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, SequenceHead, decay_exempt, plan_model, trainable_names


@pytest.fixture
def network(write_folder: Callable[..., Path]) -> Network:
    return plan_model(AnyModelSpec(pretrained=str(write_folder())), SequenceHead(3), 0, Path()).network


def test_all_means_every_one(network: Network) -> None:
    assert trainable_names("all", network) is None


def test_head_is_classifier_and_pooler(network: Network) -> None:
    assert trainable_names("head", network) == {
        "bert.pooler.dense.weight",
        "bert.pooler.dense.bias",
        "classifier.weight",
        "classifier.bias",
    }


def test_patterns_join(network: Network) -> None:
    names = trainable_names(["*.layer.1.output.*", "classifier.bias"], network)
    assert names == {
        "bert.encoder.layer.1.output.dense.weight",
        "bert.encoder.layer.1.output.dense.bias",
        "bert.encoder.layer.1.output.LayerNorm.weight",
        "bert.encoder.layer.1.output.LayerNorm.bias",
        "classifier.bias",
    }


@pytest.mark.parametrize(
    ("pattern", "near"),
    [
        ("encoder.layer.1.*", "bert.encoder.layer.1.*"),
        ("clasifier.*", "classifier.*"),
        ("classifier.wieght", "classifier.weight"),
    ],
)
def test_a_pattern_that_matches_nothing_names_the_nearest(pattern: str, near: str, network: Network) -> None:
    with pytest.raises(ModelError) as caught:
        trainable_names(["classifier.*", pattern], network)
    assert repr(pattern) in str(caught.value)
    assert f"did you mean {near}?" in str(caught.value)


def test_nothing_to_train_is_an_error(network: Network) -> None:
    with pytest.raises(ModelError, match="nothing to train"):
        trainable_names([], network)


def test_biases_and_norms_do_not_decay(network: Network) -> None:
    exempt = decay_exempt(network)
    decaying = {parameter.name for parameter in network.parameters} - exempt
    assert {"bert.embeddings.word_embeddings.weight", "bert.pooler.dense.weight", "classifier.weight"} <= decaying
    assert all("LayerNorm" not in name and not name.endswith("bias") for name in decaying)
    assert all("LayerNorm" in name or name.endswith("bias") for name in exempt)
    assert len(exempt) == 5 * 2 + 6 * 2 + 2
