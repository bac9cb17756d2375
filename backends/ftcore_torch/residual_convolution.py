"""Builds residual networks over images: transformers' model with a described head."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from torch import Tensor, nn

from ftcore.contract import Batch, Program
from ftcore.contract.network import Head, Network, ResidualConvolution, check_images, check_statistics
from ftcore.errors import BackendError
from ftcore_torch.activations import Activations
from ftcore_torch.dropout import Masks
from ftcore_torch.head import HeadModule
from ftcore_torch.precision import PARAMETERS, ROUNDED
from ftcore_torch.transformers_body import transformers_body


class ResidualConvolutionNetwork:
    """A network whose body is transformers' own, and has batch normalization."""

    def __init__(self, network: Network, body: ResidualConvolution, head: Head, precision: str) -> None:
        if precision in ROUNDED:
            raise BackendError(
                f"precision {precision} is not supported for a model of type {network.architecture.family}; "
                "allowed: float32, float64"
            )
        self._described, self.couples_examples = body, network.couples_examples
        self._masks = Masks(network.dropout_sites, body.size)
        self._body, self._head = transformers_body(network.architecture, "eager"), HeadModule(head, self._masks)
        self._prefix = self._body.base_model_prefix
        self._head_names = {parameter.path: parameter.name for parameter in head.parameters}
        self.root = nn.ModuleDict({"body": self._body, "head": self._head}).to(PARAMETERS[precision])

    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return every parameter under its checkpoint name."""
        body = {f"{self._prefix}.{name}": value for name, value in self._body.named_parameters()}
        return {**body, **{self._head_names[path]: value for path, value in self._head.named_parameters()}}

    def buffers_by_name(self) -> Mapping[str, Tensor]:
        """Return the running statistics under their checkpoint names."""
        return {f"{self._prefix}.{name}": value for name, value in self._body.named_buffers()}

    def draws(self, program: Program, step: int, number: int, batch: Batch) -> AbstractContextManager[None]:
        """Apply dropout by the contract's masks."""
        check_statistics(self._described, batch.inputs["pixel_values"].shape)
        return self._masks.of(batch, program.seed, step, next(self.root.parameters()).device)

    def compute(self, inputs: Mapping[str, Tensor], hidden_states: bool = False) -> Activations:
        """Run body and head."""
        pixels = inputs["pixel_values"]
        check_images(pixels.shape, self._described.stem.inputs)
        found = self._body(pixels, output_hidden_states=hidden_states)
        pooled = self._head.finish(found.pooler_output.flatten(1))
        return Activations(self._head.classify(pooled), pooled, found.hidden_states)
