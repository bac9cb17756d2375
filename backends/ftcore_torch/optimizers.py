"""Implements each optimizer of ftcore.contract.optimizers by torch.optim; tests show that the formulas are equal."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ftcore.contract.optimizers import SGD, Adam, AdamW, Optimizer
from ftcore.errors import ModelError
from ftcore_torch.loss_scale import LossScale

SLOT_NAMES = {"first_moment": "exp_avg", "second_moment": "exp_avg_sq", "momentum": "momentum_buffer"}
"""Maps ftcore's name of a slot to torch.optim's."""


def _sgd(definition: SGD, groups: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        groups,
        lr=definition.learning_rate,
        momentum=definition.momentum,
        nesterov=definition.nesterov,
        fused=True,
    )


def _adam(definition: Adam, groups: Any) -> torch.optim.Optimizer:
    betas = (definition.beta1, definition.beta2)
    return torch.optim.Adam(groups, lr=definition.learning_rate, betas=betas, eps=definition.epsilon, fused=True)


def _adamw(definition: AdamW, groups: Any) -> torch.optim.Optimizer:
    betas = (definition.beta1, definition.beta2)
    return torch.optim.AdamW(groups, lr=definition.learning_rate, betas=betas, eps=definition.epsilon, fused=True)


OPTIMIZER_BUILDERS: dict[str, Callable[[Any, Any], torch.optim.Optimizer]] = {
    SGD.name: _sgd,
    Adam.name: _adam,
    AdamW.name: _adamw,
}


class NamedOptimizer:
    """A torch.optim optimizer whose state is read and written by parameter name."""

    def __init__(
        self,
        definition: Optimizer,
        parameters: Mapping[str, nn.Parameter],
        decay_exempt: frozenset[str],
        loss_scale: LossScale | None,
    ) -> None:
        decayed = [value for name, value in parameters.items() if name not in decay_exempt]
        exempt = [value for name, value in parameters.items() if name in decay_exempt]
        groups = [
            {"params": values, "weight_decay": decay}
            for values, decay in ((decayed, definition.weight_decay), (exempt, 0.0))
            if values
        ]
        self._slots = definition.slots
        self._parameters = parameters
        self._loss_scale = loss_scale
        self._optimizer = OPTIMIZER_BUILDERS[definition.name](definition, groups)
        self._completed = torch.zeros((), device=next(iter(parameters.values())).device)
        self._without_momentum = isinstance(definition, SGD) and not definition.momentum
        self._fill_state()

    def step(self, learning_rate: float, finite: Tensor) -> None:
        """Update every parameter that has a gradient; if `finite` is 0, change nothing."""
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        # The fused kernels read these two attributes of GradScaler, so the decision stays on the device.
        self._optimizer.grad_scale = None  # type: ignore[attr-defined]
        self._optimizer.found_inf = 1.0 - finite  # type: ignore[attr-defined]
        if self._without_momentum:
            self._keep_gradients(finite)
        self._optimizer.step()
        self._completed += finite
        if self._loss_scale is not None:
            self._loss_scale.update(finite)

    def state(self) -> dict[str, np.ndarray]:
        """Return copies of the state: "step", an int64 scalar, and "SLOT/PARAMETER" in the parameter's own shape."""
        given: dict[str, np.ndarray] = {"step": np.asarray(int(self._completed), dtype=np.int64)}
        for slot in self._slots:
            for name, parameter in self._parameters.items():
                value = self._optimizer.state[parameter][SLOT_NAMES[slot]]
                given[f"{slot}/{name}"] = value.detach().cpu().numpy().copy()
        return given if self._loss_scale is None else {**given, **self._loss_scale.state()}

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the state by one in the form of `state`, from this or another backend; the shapes are the same."""
        expected = {"step", *(f"{slot}/{name}" for slot in self._slots for name in self._parameters)}
        expected |= set() if self._loss_scale is None else set(self._loss_scale.state())
        if set(state) != expected:
            differing = ", ".join(sorted(set(state) ^ expected)[:5])
            raise ModelError(f"the optimizer state does not fit the optimizer and parameters: {differing}")
        self._completed.fill_(float(state["step"]))
        if self._loss_scale is not None:
            self._loss_scale.load(state)
        for name, parameter in self._parameters.items():
            own = self._optimizer.state[parameter]
            if "step" in own:
                own["step"].fill_(float(state["step"]))
            for slot in self._slots:
                own[SLOT_NAMES[slot]].copy_(torch.from_numpy(np.asarray(state[f"{slot}/{name}"])))

    def _keep_gradients(self, finite: Tensor) -> None:
        """Fill the momentum buffers, which torch.optim leaves out without momentum; they are the gradients then."""
        for group in self._optimizer.param_groups:
            for parameter in (one for one in group["params"] if one.grad is not None):
                buffer = self._optimizer.state[parameter][SLOT_NAMES["momentum"]]
                gradient = parameter.grad.add(parameter.detach(), alpha=group["weight_decay"])
                buffer.copy_(torch.where(finite > 0, gradient, buffer))

    def _fill_state(self) -> None:
        # A skipped fused step leaves a momentum buffer that it created uninitialised.
        for parameter in self._parameters.values():
            own = self._optimizer.state[parameter]
            for slot in self._slots:
                own[SLOT_NAMES[slot]] = torch.zeros_like(parameter, memory_format=torch.preserve_format)
            if isinstance(self._optimizer, torch.optim.Adam):
                own["step"] = torch.zeros((), dtype=torch.float32, device=parameter.device)
