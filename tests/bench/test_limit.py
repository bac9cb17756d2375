"""Operations of a step: by hand, and by PyTorch's own counter."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ftcore.conformance import batches
from ftcore.contract import Program
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.network import Disentangled, Transformer
from ftcore.contract.optimizers import SGD
from ftcore.machine.matmul import by_numpy, rates
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, matmul_shapes, plan_model, step_flops
from tests import tiny

LABELS = 3


def plan(folder: Path, pooling: str, pair: str = "joint") -> ModelPlan:
    tiny.write_model(folder)
    return plan_model(AnyModelSpec(pretrained=str(folder), pooling=pooling), SequenceHead(LABELS, pair), 0, folder)


def test_operations_by_hand(tmp_path: Path) -> None:
    # hidden 16, intermediate 32, 2 blocks, 3 labels; sequences of 5 and 3 tokens
    block = 2 * (4 * 16 * 16 + 2 * 16 * 32)
    attention = 4 * 16
    head = 2 * 16 * LABELS
    forward = 2 * block * 8 + 2 * attention * (5 * 5 + 3 * 3) + head * 2
    assert step_flops(plan(tmp_path, "mean").network)(np.array([5, 3])) == 3 * forward


@pytest.mark.parametrize("pooling", ["pooler", "cls", "last"])
def test_operations_by_hand_where_the_head_reads_one_token(tmp_path: Path, pooling: str) -> None:
    # In the last block the keys and values of all 8 tokens, and the rest for 2 of them.
    block, keys_and_values = 2 * (4 * 16 * 16 + 2 * 16 * 32), 2 * 2 * 16 * 16
    attention = 4 * 16
    head = 2 * 16 * LABELS + (2 * 16 * 16 if pooling == "pooler" else 0)
    first = block * 8 + attention * (5 * 5 + 3 * 3)
    last = keys_and_values * 8 + (block - keys_and_values) * 2 + attention * (5 + 3)
    assert step_flops(plan(tmp_path, pooling).network)(np.array([5, 3])) == 3 * (first + last + head * 2)


def test_comparing_contents_with_positions_costs_what_comparing_contents_does(tmp_path: Path) -> None:
    network = plan(tmp_path, "mean").network
    body = network.architecture.body
    assert isinstance(body, Transformer)
    both = Disentangled(frozenset({"content_to_position", "position_to_content"}), 4)
    disentangled = replace(body, attention=replace(body.attention, disentangled=both))
    other = replace(network, architecture=replace(network.architecture, body=disentangled))
    lengths = np.array([5, 3])
    # The last block too, of pooling mean, is whole: 2 blocks and 2 terms.
    assert step_flops(other)(lengths) - step_flops(network)(lengths) == 3 * 2 * 2 * (2 * 16) * (5 * 5 + 3 * 3)


def test_a_pair_has_one_classifier_for_two_sequences(tmp_path: Path) -> None:
    network = plan(tmp_path, "mean", "separate").network
    flops = step_flops(network, sequences_an_example=2)
    assert flops.a_sequence * 2 == 3 * 2 * (4 * 16) * LABELS


def test_operations_are_those_that_pytorch_counts(tmp_path: Path) -> None:
    """Of a batch without padding: then the counter, which sees every slot, counts real tokens."""
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import AutoModel

    network = plan(tmp_path, "mean").network
    # the counter knows no formula for the CPU's fused attention
    body = AutoModel.from_pretrained(tmp_path, attn_implementation="eager", add_pooling_layer=False).train()
    head = torch.nn.Linear(16, LABELS)
    ids = torch.randint(5, 20, (4, 12))
    with FlopCounterMode(display=False) as counter:
        head(body(input_ids=ids).last_hidden_state.mean(dim=1)).sum().backward()
    assert step_flops(network)(np.full(4, 12)) == counter.get_total_flops()


def _linear_operations(values: torch.Size, weight: torch.Size, *_: object, **__: object) -> int:
    return 2 * values.numel() * weight[0]


def test_operations_are_those_that_the_torch_backend_needs(tmp_path: Path) -> None:
    """Of sequences without padding, one token read of each."""
    from torch.utils.flop_counter import FlopCounterMode

    planned = plan(tmp_path, "pooler")
    program = Program(planned.network, CrossEntropy(), SGD(), decay_exempt=frozenset())
    learner = backends.load("torch").build(program, "cpu")
    learner.load_tensors(planned.tensors)
    batch = batches.tokens([12] * 4, 12, 20, np.zeros(4, dtype=np.int32))
    # The counter knows no formula for oneDNN's linear map.
    of_linear = {torch.ops.mkldnn._linear_pointwise: _linear_operations}
    with FlopCounterMode(display=False, custom_mapping=of_linear) as counter:
        learner.train_step(batches.step(CrossEntropy(), [batch]))
    assert step_flops(planned.network)(np.full(4, 12)) == counter.get_total_flops()


def test_shapes_are_the_models_products(tmp_path: Path) -> None:
    shapes = matmul_shapes(plan(tmp_path, "pooler").network, 100)
    assert shapes == [(100, 16, 32), (100, 32, 16), (100, 16, 16)]


def test_numpys_rate_is_that_of_the_product() -> None:
    left, right = np.ones((2, 3), np.float32), np.ones((3, 4), np.float32)
    assert np.array_equal(by_numpy(left, right)(), np.full((2, 4), 3.0))
    found = rates(by_numpy, [(64, 64, 64)])
    assert list(found) == ["64x64x64"]
    assert 1e6 < found["64x64x64"] < 1e13


@pytest.mark.parametrize("lengths", [[1], [7, 7, 2]])
def test_operations_add_up(tmp_path: Path, lengths: list[int]) -> None:
    flops = step_flops(plan(tmp_path, "cls").network)
    assert flops(np.array(lengths)) == sum(flops(np.array([length])) for length in lengths)
