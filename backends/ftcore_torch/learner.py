"""Implements the learner protocol on PyTorch: one network with its loss and optimizer."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ftcore.contract import Batch, Decoding, Outputs, Program, Step, StepResult, Want
from ftcore.contract.optimizers import EPSILON
from ftcore.errors import BackendError
from ftcore_torch.activations import Activations
from ftcore_torch.decoding import TorchDecoding
from ftcore_torch.denormals import flushed_denormals
from ftcore_torch.examples import Examples
from ftcore_torch.foreign import ForeignNetwork
from ftcore_torch.language_model import LanguageModel
from ftcore_torch.loss_scale import LossScale
from ftcore_torch.losses import check_labels, label_likelihood, weighted_sum
from ftcore_torch.network import TorchNetwork
from ftcore_torch.optimizers import NamedOptimizer
from ftcore_torch.tensors import copy_out, load_into, trained


class TorchLearner:
    """Trains and evaluates a network in eager mode.

    Attributes:
        options: the backend's options with the values in use.
    """

    def __init__(
        self, network: TorchNetwork, program: Program, device: torch.device, options: Mapping[str, Any]
    ) -> None:
        self.options = options
        self._network = network
        self._program = program
        self._device = device
        network.root.to(device)
        self._tensors: dict[str, Tensor] = {**network.parameters_by_name(), **network.buffers_by_name()}
        self._trained = trained(network.parameters_by_name(), program.trainable)
        self._dtype = _floating_type(self._tensors.values())
        self._loss_scale = LossScale(device) if program.precision == "float16" else None
        self._optimizer = self._build_optimizer()

    @property
    def couples_examples(self) -> bool:
        """Whether a training example's result depends on the others of its batch, as with batch normalization."""
        return self._network.couples_examples

    @flushed_denormals()
    def train_step(self, step: Step) -> StepResult:
        """Train on one global batch; a step that is not finite changes nothing."""
        if self._optimizer is None:
            raise BackendError("this program has no optimizer: it cannot be trained")
        buffers = {name: value.clone() for name, value in self._network.buffers_by_name().items()}
        self._network.root.train()
        loss = self._accumulate(step)
        gradients = [value.grad for value in self._trained.values() if value.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        finite = (torch.isfinite(loss) & torch.isfinite(norm)).to(torch.float32)
        if self._program.clip_norm is not None:
            scale = torch.clamp(self._program.clip_norm / (norm + EPSILON), max=1.0)
            torch._foreach_mul_(gradients, scale)
        self._optimizer.step(step.learning_rate, finite)
        self._restore_where_not_finite(buffers, finite)
        return StepResult(loss, norm, finite)

    @flushed_denormals()
    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        """Return the gradient of each trained parameter in its own shape, if the loss depends on it; dropout is off."""
        self._network.root.eval()
        self._accumulate(step)
        found = {name: value.grad for name, value in self._trained.items() if value.grad is not None}
        given = copy_out(found)
        self._clear_gradients()
        return given

    @flushed_denormals()
    def forward(self, batch: Batch, want: Want) -> Outputs:
        """Compute outputs without training; dropout is off."""
        self._network.root.eval()
        # A foreign module may keep tensors that it computes here, such as a table of positions, for training.
        with torch.no_grad() if isinstance(self._network, ForeignNetwork) else torch.inference_mode():
            examples = self._examples(batch, with_targets=want.loss or want.likelihood)
            found = self._network.compute(examples.inputs, want.hidden_states)
            loss = float(self._loss(found, examples)) if want.loss else None
            likelihood = label_likelihood(found, examples) if want.likelihood else None
        return Outputs(
            logits=_array(found.logits) if want.logits else None,
            loss=loss,
            hidden_states=[_array(states) for states in found.hidden_states or ()] if want.hidden_states else None,
            pooled=_array(found.pooled) if want.pooled else None,
            likelihood=likelihood,
        )

    def decoding(self, inputs: Mapping[str, np.ndarray]) -> Decoding:
        """Begin generation after prompts, int32 [rows, length] each; dropout is off."""
        if not isinstance(self._network, LanguageModel):
            raise BackendError("this network cannot generate text: it has no language model's head")
        return TorchDecoding(self._network, self._inward(inputs))

    def tensors(self) -> Mapping[str, np.ndarray]:
        """Return copies of parameters and buffers by checkpoint name, each in its own shape."""
        return copy_out(self._tensors)

    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Replace every parameter and buffer; each array has its own shape."""
        load_into(self._tensors, tensors)

    def optimizer_state(self) -> Mapping[str, np.ndarray]:
        """Return the optimizer's state: "SLOT/PARAMETER" of the same shape, and "step", a scalar."""
        return {} if self._optimizer is None else self._optimizer.state()

    def load_optimizer_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the optimizer's state: "SLOT/PARAMETER" of the same shape, and "step", a scalar."""
        if self._optimizer is None:
            raise BackendError("this program has no optimizer: there is no state to load")
        self._optimizer.load(state)

    def _build_optimizer(self) -> NamedOptimizer | None:
        definition = self._program.optimizer
        if definition is None:
            return None
        decays = self._program.decays
        exempt = frozenset(name for name, value in self._trained.items() if not decays(name, tuple(value.shape)))
        return NamedOptimizer(definition, self._trained, exempt, self._loss_scale)

    def _accumulate(self, step: Step) -> Tensor:
        """Compute the global batch's gradient into the parameters, and return its loss."""
        self._clear_gradients()
        loss = torch.zeros((), device=self._device)
        for number, batch in enumerate(step.batches):
            drawn, examples = self._network.draws(self._program, step.index, number, batch), self._examples(batch)
            with drawn if self._network.root.training else nullcontext():
                found = self._network.compute(examples.inputs)
            part = self._loss(found, examples) / step.total_weight
            scaled = part if self._loss_scale is None else self._loss_scale.scaled(part)
            scaled.backward()  # type: ignore[no-untyped-call]
            loss = loss + part.detach()
        if self._loss_scale is not None:
            self._loss_scale.unscale([value.grad for value in self._trained.values() if value.grad is not None])
        return loss

    def _loss(self, outputs: Activations, examples: Examples) -> Tensor:
        if self._program.loss is None:
            raise BackendError("this program has no loss")
        if outputs.logits is None:
            raise BackendError("a network without a classifier has no loss")
        check_labels(examples.targets["labels"], outputs.logits, self._program.loss)
        return weighted_sum(self._program.loss, outputs, examples)

    def _examples(self, batch: Batch, with_targets: bool = True) -> Examples:
        targets = self._inward(batch.targets) if with_targets else {}
        return Examples(self._inward(batch.inputs), targets, torch.from_numpy(batch.weights).to(self._device))

    def _inward(self, arrays: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
        """Return arrays on the device; floating-point arrays are cast to the parameters' type."""
        tensors = {name: torch.from_numpy(array).to(self._device) for name, array in arrays.items()}
        return {name: value.to(self._dtype) if value.is_floating_point() else value for name, value in tensors.items()}

    def _restore_where_not_finite(self, buffers: Mapping[str, Tensor], finite: Tensor) -> None:
        for name, before in buffers.items():
            after = self._tensors[name]
            after.copy_(torch.where(finite > 0, after, before))

    def _clear_gradients(self) -> None:
        for value in self._trained.values():
            value.grad = None


def _floating_type(tensors: Iterable[Tensor]) -> torch.dtype:
    return next((value.dtype for value in tensors if value.is_floating_point()), torch.float32)


def _array(tensor: Tensor | None) -> np.ndarray:
    if tensor is None:
        raise BackendError("the network does not return a requested output")
    array: np.ndarray = tensor.cpu().numpy()
    return array
