"""Implements float16 loss scaling on PyTorch, as defined in ftcore.contract.optimizers.loss_scaling."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from ftcore.contract.optimizers import loss_scaling as definition


class LossScale:
    """The scale and its streak, on the device."""

    def __init__(self, device: torch.device) -> None:
        self._scale = torch.full((), definition.INITIAL, device=device)
        self._streak = torch.zeros((), dtype=torch.int64, device=device)

    def scaled(self, loss: Tensor) -> Tensor:
        """Return the scaled loss, to be differentiated."""
        return loss * self._scale.to(loss.dtype)

    def unscale(self, gradients: Sequence[Tensor]) -> None:
        """Divide gradients of the scaled loss by the scale."""
        torch._foreach_mul_(list(gradients), 1.0 / self._scale)

    def update(self, finite: Tensor) -> None:
        """Update the scale after a step that was finite (1) or not (0)."""
        streak = (self._streak + 1) * finite.to(torch.int64)
        grows = streak == definition.GROWTH_INTERVAL
        grown = torch.where(grows, self._scale * definition.GROWTH, self._scale)
        shrunk = torch.clamp(self._scale * definition.BACKOFF, min=definition.LEAST)
        self._scale = torch.where(finite > 0, grown, shrunk)
        self._streak = torch.where(grows, 0, streak)

    def state(self) -> dict[str, np.ndarray]:
        """Return copies of the state; each value is a scalar."""
        return {
            definition.SCALE: self._scale.cpu().numpy().copy(),
            definition.STREAK: self._streak.cpu().numpy().copy(),
        }

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the state; each value is a scalar."""
        self._scale.fill_(float(state[definition.SCALE]))
        self._streak.fill_(int(state[definition.STREAK]))
