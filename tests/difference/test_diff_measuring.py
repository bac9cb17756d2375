"""From the arrays of two networks to the place and parameter that is named."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ftcore.conformance.bounds import BOUNDS
from ftcore.contract.network import Network
from ftcore.difference.heads import choose_head
from ftcore.difference.measuring import measure_rows
from ftcore.difference.result import Difference

Arrays = dict[str, np.ndarray]
KEY = "gradient/blocks.1.attention.key.bias"


@pytest.fixture(scope="module")
def network(checkpoint: Path) -> Network:
    return choose_head([checkpoint], 0)[1][0].network


def judged(network: Network, change: Callable[[Arrays, Arrays], None]) -> Difference:
    """Return the verdict on two equal sets of arrays after `change` was made to them."""
    draw = np.random.default_rng(0)
    shapes = {f"gradient/{item.path}": item.shape for item in network.parameters}
    shapes |= {f"hidden_states/{index}": (20, 16) for index in range(3)}
    shapes |= {"pooled": (8, 16), "logits": (8, 2), "loss": ()}
    first = {name: np.asarray(draw.standard_normal(shape)) for name, shape in shapes.items()}
    second = {name: array.copy() for name, array in first.items()}
    change(first, second)
    rows = measure_rows(network, first, second)
    return Difference((), "float32", "", "", BOUNDS["float32"], {}, None, len(network.parameters), rows)


def test_equal_arrays_agree(network: Network) -> None:
    found = judged(network, lambda first, second: None)
    assert (found.parted, found.exit_code) == (None, 0)
    assert found.verdict.startswith("the two networks agree: worst output 0.0e+00 ")


def test_the_first_output_that_is_off_is_named_before_any_gradient(network: Network) -> None:
    def change(first: Arrays, second: Arrays) -> None:
        for name in ("hidden_states/1", "hidden_states/2", "gradient/embeddings.tokens"):
            second[name] += 1
        second["gradient/blocks.0.feed_forward.inner.bias"] *= 1.01

    found = judged(network, change)
    assert found.verdict.startswith("the two networks differ in block 0: ")
    assert "embeddings agreed to 0.0e+00" in found.verdict
    assert (
        "of blocks.0.feed_forward.inner.bias (bert.encoder.layer.0.intermediate.dense.bias): 1.0e-02" in found.verdict
    )


def test_of_gradients_the_one_nearest_to_the_loss_is_named(network: Network) -> None:
    def change(first: Arrays, second: Arrays) -> None:
        for path in ("embeddings.tokens", "blocks.0.attention.query.weight", "blocks.0.attention.value.weight"):
            second[f"gradient/{path}"] *= 1.5
        second["gradient/blocks.0.attention.value.weight"] *= 2

    found = judged(network, change)
    assert found.verdict.startswith(
        "the two networks differ in the gradients of block 0, the outputs agree (worst output "
    )
    assert "that of blocks.0.attention.value.weight (" in found.verdict


def test_the_rounding_of_a_gradient_that_is_zero_is_no_fault(network: Network) -> None:
    def change(first: Arrays, second: Arrays) -> None:
        first[KEY] *= 1e-7
        second[KEY] *= -1e-7

    assert judged(network, change).agree


def test_a_gradient_that_is_zero_on_one_side_only_is_a_fault(network: Network) -> None:
    def change(first: Arrays, second: Arrays) -> None:
        first[KEY] *= 1e-8
        second[KEY] *= 1e-3

    found = judged(network, change)
    assert found.parted is not None
    assert found.parted.place == "block 1"
    assert "that of blocks.1.attention.key.bias (" in found.verdict


def test_a_parameter_that_one_loss_does_not_reach_is_named(network: Network) -> None:
    def change(first: Arrays, second: Arrays) -> None:
        del second["gradient/pooler.weight"]

    found = judged(network, change)
    assert found.parted is not None
    assert found.parted.place == "pooled"
    assert "that of pooler.weight (bert.pooler.dense.weight): 1.0e+00" in found.verdict


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("name", ["hidden_states/2", "gradient/blocks.1.attention.output.bias"])
def test_what_is_not_a_number_agrees_with_nothing(network: Network, side: int, name: str) -> None:
    def change(*sides: Arrays) -> None:
        sides[side][name][3] = np.nan

    found = judged(network, change)
    assert found.parted is not None
    assert found.parted.place == "block 1"
    assert math.inf in (found.parted.output, *(item.error for item in found.parted.gradients))
    content = json.loads(found.to_json(), parse_constant=pytest.fail)
    assert content["agree"] is False
