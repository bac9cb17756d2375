"""Clips gradients by their global norm."""

from collections.abc import Mapping

import numpy as np

EPSILON = 1e-6
"""Added to the norm, as torch.nn.utils.clip_grad_norm_ does."""


def global_norm(gradients: Mapping[str, np.ndarray]) -> float:
    """Return the L2 norm over all gradients together; each may have any shape."""
    return float(np.sqrt(sum(float((gradient.astype(np.float64) ** 2).sum()) for gradient in gradients.values())))


def clip(gradients: Mapping[str, np.ndarray], clip_norm: float | None) -> dict[str, np.ndarray]:
    """Multiply all gradients, each in its own shape, by min(1, clip_norm / (norm + 1e-6)); None clips nothing."""
    if clip_norm is None:
        return dict(gradients)
    scale = min(1.0, clip_norm / (global_norm(gradients) + EPSILON))
    return {name: gradient * scale for name, gradient in gradients.items()}
