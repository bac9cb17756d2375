"""The masks of PyTorch are those of the definition, bit for bit."""

import mask_cases as cases
import numpy as np
import pytest
import torch
from ftcore_torch import TorchBackend
from ftcore_torch.dropout import KeyedDropout, Masks, replace_dropouts

from ftcore.conformance.bert import CURVE
from ftcore.contract import Batch, Program
from ftcore.contract.network import Architecture, Features
from ftcore.contract.optimizers import SGD
from ftcore.errors import BackendError

CPU = torch.device("cpu")
each_rate = pytest.mark.parametrize("rate", cases.RATES)
each_site = pytest.mark.parametrize("site", cases.SITES)
each_batch = pytest.mark.parametrize("batch", [pytest.param(batch, id=name) for name, batch in cases.token_batches()])


def dropped(batch: Batch, rate: float, site: str, shape: tuple[int, ...], dtype: torch.dtype) -> np.ndarray:
    masks = Masks(cases.SITES, cases.CHANNELS)
    layer = KeyedDropout(rate, site, masks).train()
    values = torch.ones(shape, dtype=dtype)
    with masks.of(batch, cases.SEED, cases.STEP, CPU):
        found = layer(values)
    array: np.ndarray = found.numpy()
    return array


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@each_batch
@each_site
@each_rate
def test_masks_are_the_definitions(rate: float, site: str, batch: Batch, dtype: torch.dtype) -> None:
    rows, length = batch.inputs["input_ids"].shape
    wanted = {
        (rows, length, cases.CHANNELS): cases.of_tokens,
        (rows, cases.HEADS, length, length): cases.of_attention_weights,
        (batch.examples, cases.CHANNELS): cases.of_examples,
    }
    for shape, reference in wanted.items():
        found = dropped(batch, rate, site, shape, dtype)
        kept = reference(batch, rate, site)
        np.testing.assert_array_equal(found != 0, kept)
        np.testing.assert_allclose(found[kept], 1 / (1 - rate), rtol=1e-7 if dtype == torch.float32 else 1e-15)


@each_rate
def test_a_table_drops_by_its_rows(rate: float) -> None:
    masks = Masks([cases.TABLE], cases.CHANNELS, table_rows=cases.ROWS)
    layer, values = KeyedDropout(rate, cases.TABLE, masks).train(), torch.ones(cases.ROWS, cases.CHANNELS)
    with masks.of(cases.padded(), cases.SEED, cases.STEP, CPU):
        found = layer(values).numpy()
    np.testing.assert_array_equal(found != 0, cases.of_table_rows(rate))
    assert layer(values) is values


def test_there_is_none_in_evaluation_or_outside_a_batch() -> None:
    masks = Masks(cases.SITES, cases.CHANNELS)
    layer = KeyedDropout(0.5, "head", masks)
    values = torch.ones(6, cases.CHANNELS)
    assert layer.train()(values) is values
    with masks.of(cases.padded(), 0, 1, CPU):
        assert layer.eval()(values) is values
        assert (layer.train()(values) == 0).any()
        assert KeyedDropout(0.0, "head", masks).train()(values) is values
    assert layer.train()(values) is values


def test_a_place_that_is_no_dropout_is_refused() -> None:
    body, places = torch.nn.Sequential(torch.nn.Linear(2, 2)), {"embeddings": "0"}
    with pytest.raises(TypeError, match="0 of the model is not a dropout, but a Linear"):
        replace_dropouts(body, Architecture(Features(2), (), dropout_modules=places), Masks(["embeddings"], 2))


def test_the_gradient_goes_through_what_is_kept() -> None:
    masks = Masks(cases.SITES, cases.CHANNELS)
    values = torch.ones(6, cases.CHANNELS, requires_grad=True)
    with masks.of(cases.padded(), cases.SEED, cases.STEP, CPU):
        KeyedDropout(0.5, "head", masks).train()(values).sum().backward()
    wanted = cases.of_examples(cases.padded(), 0.5, "head") * 2.0
    np.testing.assert_array_equal(values.grad, wanted)


def test_attention_that_would_draw_its_own_masks_is_refused() -> None:
    options = {"attention": "eager"}
    with pytest.raises(BackendError, match="attention: eager would draw its own masks of attention weights"):
        TorchBackend().build(Program(CURVE.network(0.1), CURVE.loss, SGD(), options=options), "cpu")
    TorchBackend().build(Program(CURVE.network(0.0), CURVE.loss, SGD(), options=options), "cpu")
