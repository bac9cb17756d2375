"""Builds networks with one of ftcore's own bodies and a described head."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from torch import Tensor, nn

from ftcore.contract import Batch, Program
from ftcore.contract.network import (
    Features,
    Head,
    ImageConvolution,
    NativeBody,
    Network,
    Pooling,
    Recurrent,
    TextConvolution,
)
from ftcore.errors import BackendError, ModelError
from ftcore_torch.activations import Activations, Encoded
from ftcore_torch.convolution import ImageConvolutionBody, TextConvolutionBody
from ftcore_torch.dropout import Masks
from ftcore_torch.head import HeadModule
from ftcore_torch.layout import Inputs
from ftcore_torch.precision import PARAMETERS, ROUNDED
from ftcore_torch.recurrent import RecurrentBody


class FeaturesBody(nn.Module):
    """Returns ready features unchanged."""

    def __init__(self, body: Features, pooling: Pooling | None, masks: Masks) -> None:
        super().__init__()

    def forward(self, inputs: Inputs) -> Encoded:
        """Return `features`, float [examples, size]."""
        return Encoded(inputs["features"], (inputs["features"],))

    def parameters_by_name(self) -> dict[str, nn.Parameter]:
        """Return nothing."""
        return {}


BODIES: Mapping[type, Callable[[Any, Pooling | None, Masks], Any]] = {
    Features: FeaturesBody,
    Recurrent: RecurrentBody,
    TextConvolution: TextConvolutionBody,
    ImageConvolution: ImageConvolutionBody,
}
"""Modules by body of ftcore.contract.network; each has forward(inputs) -> Encoded, and parameters_by_name()."""


class NativeNetwork:
    """A network whose body is one of `BODIES`."""

    def __init__(self, network: Network, body: NativeBody, head: Head, precision: str) -> None:
        if precision in ROUNDED and not isinstance(body, Features):
            raise BackendError(
                f"precision {precision} is not supported for a model of type {network.architecture.family}; "
                "allowed: float32, float64"
            )
        self._masks = Masks(network.dropout_sites, _most_channels(network, body.size))
        self._body = BODIES[type(body)](body, head.pooling, self._masks)
        self._head = HeadModule(head, self._masks)
        self.root = nn.ModuleDict({"body": self._body, "head": self._head}).to(PARAMETERS[precision])
        self._names = [parameter.name for parameter in network.parameters]
        self._head_names = {parameter.path: parameter.name for parameter in head.parameters}

    @property
    def couples_examples(self) -> bool:
        """Return False: no layer couples examples."""
        return False

    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return every parameter under its checkpoint name."""
        head = {self._head_names[path]: value for path, value in self._head.named_parameters()}
        found = {**self._body.parameters_by_name(), **head}
        if set(found) != set(self._names):
            differing = sorted(set(found) ^ set(self._names))
            raise ModelError(f"the description's parameters differ from the network's: {', '.join(differing)}")
        return {name: found[name] for name in self._names}

    def buffers_by_name(self) -> Mapping[str, Tensor]:
        """Return nothing: described networks have no buffers that are saved."""
        return {}

    def draws(self, program: Program, step: int, number: int, batch: Batch) -> AbstractContextManager[None]:
        """Apply dropout by the contract's masks."""
        return self._masks.of(batch, program.seed, step, next(self.root.parameters()).device)

    def compute(self, inputs: Mapping[str, Tensor], hidden_states: bool = False) -> Activations:
        """Run body and head; hidden states are always returned."""
        found = self._body(inputs)
        pooled = self._head.finish(found.pooled)
        return Activations(self._head.classify(pooled), pooled, found.states)


def _most_channels(network: Network, size: int) -> int:
    """Return the largest number of channels of a dropout site: embeddings, a layer's output, the classifier's input."""
    table = network.architecture.token_table
    return max(size, *(one.shape[-1] for one in (*network.head.parameters, *([] if table is None else [table]))))
