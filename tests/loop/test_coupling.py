"""A step is split only where nothing couples its examples, and decay is decided by the core."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from ftcore.contract import Batch, Program, Step, discovery
from ftcore.contract.losses import CrossEntropy, MultipleNegativesRanking
from ftcore.contract.network import Module
from ftcore.contract.optimizers import SGD
from ftcore.errors import BackendError, SpecError
from ftcore.loop import check_batching, check_whole
from ftcore.models import least_decayed_dimensions
from ftcore.spec import TrainingSpec

COUPLED, FREE = SimpleNamespace(couples_examples=True), SimpleNamespace(couples_examples=False)


def batch(examples: int = 2) -> Batch:
    inputs = np.arange(3.0 * examples, dtype=np.float32).reshape(examples, 3)
    weights = np.ones(examples, np.float32)
    return Batch({"inputs": inputs}, {"labels": np.zeros(examples, np.int32)}, weights, np.arange(examples))


@pytest.mark.parametrize(
    ("loss", "learner", "message"),
    [
        (MultipleNegativesRanking(), FREE, "the loss multiple-negatives-ranking couples the examples"),
        (CrossEntropy(), COUPLED, "the network has batch normalization, which couples the examples"),
    ],
)
def test_a_split_step_of_coupled_examples_is_refused(loss, learner, message) -> None:
    check_whole([batch()], loss, learner)
    check_whole([batch(), batch()], CrossEntropy(), FREE)
    with pytest.raises(BackendError, match=message):
        check_whole([batch(), batch()], loss, learner)


def test_fields_that_split_a_step_are_named() -> None:
    split = TrainingSpec(batch_size=4, micro_batch_size=2)
    check_batching(split, CrossEntropy(), None)
    with pytest.raises(SpecError, match=r"training\.micro_batch_size: is given, and loss multiple-negatives-ranking"):
        check_batching(split, MultipleNegativesRanking(), None)


@pytest.mark.parametrize("lifted", [False, True])
def test_biases_and_norms_of_an_own_module_decay_only_where_that_is_asked(lifted: bool) -> None:
    optimizer = SGD(weight_decay=0.5, decay_biases_and_norms=lifted)
    module = torch.nn.Sequential(torch.nn.LayerNorm(3), torch.nn.Linear(3, 2))
    program = Program(
        Module(module), CrossEntropy(), optimizer, least_decayed_dimensions=least_decayed_dimensions(optimizer)
    )
    plain = Program(Module(torch.nn.Sequential(torch.nn.LayerNorm(3), torch.nn.Linear(3, 2))), CrossEntropy(), SGD())
    learners = [discovery.load("torch").build(one, "cpu") for one in (program, plain)]
    learners[1].load_tensors(learners[0].tensors())
    for learner in learners:
        learner.train_step(Step(1, [batch()], 2.0, 0.1))
    decayed, undecayed = (learner.tensors() for learner in learners)
    same = {name for name, value in decayed.items() if np.array_equal(value, undecayed[name])}
    # A bias that is 0 stays what it is; the norm's weight is 1.
    assert ("0.weight" in same) is not lifted
    assert ("1.bias" in same) is not lifted
    assert "1.weight" not in same


def test_names_and_dimensions_decide_about_decay() -> None:
    program = Program(Module(None), decay_exempt=frozenset({"a"}), least_decayed_dimensions=2)
    assert [program.decays(*one) for one in (("a", (2, 2)), ("b", (2, 2)), ("b", (2,)), ("b", ()))] == [
        False,
        True,
        False,
        False,
    ]
