"""The numerical contract: the largest errors of a backend against the references."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Bounds of one precision, as relative L2 errors.

    Attributes:
        outputs: hidden states, logits, and a parameter after one step or a few exact operations.
        gradient: the gradient of each parameter, and the weights after many steps.
        loss: the loss of each step.
    """

    outputs: float
    gradient: float
    loss: float


BOUNDS = {
    "float32": Bounds(outputs=1e-5, gradient=1e-4, loss=1e-5),
    "float64": Bounds(outputs=1e-10, gradient=1e-9, loss=1e-8),
}
FLOAT32_INSIDE = Bounds(outputs=1e-6, gradient=1e-5, loss=1e-5)
"""The bounds of float64 if transformers computes parts in float32 for any type of model."""
EXACT = 0.0
"""The bound if bits, names or signatures must be equal."""


def bounds_for(precision: str, float32_inside: bool) -> Bounds:
    """Return the bounds of a precision; `float32_inside` is whether transformers computes parts in float32."""
    return FLOAT32_INSIDE if float32_inside and precision == "float64" else BOUNDS[precision]
