"""The numerical contract: how far a backend may be from the references."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Bounds of one precision; every one is a relative L2 error.

    Attributes:
        outputs: hidden states, logits, and what one step or a few exact operations make of a parameter.
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
"""Those of float64 where transformers computes parts in float32 whatever the model's type."""
EXACT = 0.0
"""The bound where two things must be the same bits, names or signatures."""


def bounds_for(precision: str, float32_inside: bool) -> Bounds:
    """Return the bounds of a precision, for a network of which transformers computes parts in float32, or not."""
    return FLOAT32_INSIDE if float32_inside and precision == "float64" else BOUNDS[precision]
