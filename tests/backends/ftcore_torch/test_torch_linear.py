"""Linear maps by oneDNN: the values and gradients of float64, whatever the shape, and where they step aside."""

import pytest
import torch
from ftcore_torch.linear import has_onednn, linear, replace_linear_maps
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D


def _drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape))).requires_grad_()


def _with_gradients(output: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    direction = torch.linspace(-1, 1, output.numel(), dtype=output.dtype).view(output.shape)
    return [output, *torch.autograd.grad(output, inputs, direction)]


@pytest.mark.parametrize("shape", [(0, 24), (1, 24), (7, 24), (3, 5, 24), (2, 3, 5, 24)])
@pytest.mark.parametrize("biased", [True, False])
def test_values_and_gradients(shape: tuple[int, ...], biased: bool) -> None:
    given = [_drawn(*shape), _drawn(40, 24), *([_drawn(40)] if biased else [])]
    exact = [tensor.detach().double().requires_grad_() for tensor in given]
    found = _with_gradients(linear(given[0], given[1], given[2] if biased else None), given)
    wanted = _with_gradients(nn.functional.linear(*exact), exact)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-5, atol=1e-5)


def test_a_transposed_input_and_gradient() -> None:
    values, weight = _drawn(24, 7), _drawn(40, 24)
    found = _with_gradients(linear(values.t(), weight, None).t(), [values, weight])
    wanted = _with_gradients((values.t() @ weight.t()).t(), [values, weight])
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_what_is_frozen_has_no_gradient() -> None:
    values, weight, bias = _drawn(7, 24), _drawn(40, 24).detach(), _drawn(40).detach()
    (gradient,) = torch.autograd.grad(linear(values, weight, bias).sum(), values)
    torch.testing.assert_close(gradient, weight.sum(0).expand(7, 24))


def test_what_no_gradient_needs_is_not_kept() -> None:
    kept: list[Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: kept.append(tensor) or tensor, lambda tensor: tensor):
        linear(_drawn(7, 24), _drawn(40, 24).detach(), None)
    assert [tuple(tensor.shape) for tensor in kept] == ([(40, 24)] if has_onednn() else kept)


def test_a_model_computes_by_it() -> None:
    model = nn.Sequential(nn.Linear(24, 16), Conv1D(8, 16))  # type: ignore[no-untyped-call]
    values = _drawn(3, 24)
    before = model(values)
    replace_linear_maps(model)
    after = model(values)
    if has_onednn():
        assert "_Linear" in str(after.grad_fn)
    torch.testing.assert_close(after, before)


def test_a_forward_of_its_own_stays() -> None:
    model = nn.Linear(2, 2)
    model.forward = lambda values: values  # type: ignore[method-assign, assignment]
    replace_linear_maps(model)
    values = _drawn(1, 2)
    assert model(values) is values


@pytest.mark.slow
def test_a_compiled_network_has_the_compiler_s_own_products() -> None:
    torch._dynamo.reset()
    values, weight = _drawn(3, 24), _drawn(8, 24)
    compiled = torch.compile(lambda given: linear(given, weight, None), fullgraph=True)
    found = _with_gradients(compiled(values), [values, weight])
    for one, other in zip(found, _with_gradients(linear(values, weight, None), [values, weight]), strict=True):
        torch.testing.assert_close(one, other)


def test_other_types_are_pytorch_s_own() -> None:
    exact = linear(_drawn(3, 24).double(), _drawn(8, 24).double(), None)
    assert exact.dtype == torch.float64
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert linear(_drawn(3, 24), _drawn(8, 24), None).dtype == torch.bfloat16
