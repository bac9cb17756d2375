"""The largest differences of two backends in a step from one state."""

from dataclasses import dataclass

from ftcore.conformance import BOUNDS


@dataclass(frozen=True)
class StepBounds:
    """Bounds of one precision, as relative errors.

    Attributes:
        loss: the loss.
        gradients: the gradient of each parameter, the moments, and the global norm.
        updates: the change of each parameter, against the optimizer's definition; buffers.
    """

    loss: float
    gradients: float
    updates: float


# A bfloat16 is rounded by up to 2^-9, a float16 by 2^-12, and each backend rounds other sums; the parameters and the
# optimizer's state are float32 there, so an update is held as in float32.
STEP_BOUNDS = {
    "float32": StepBounds(1e-6, BOUNDS["float32"].gradient, BOUNDS["float32"].outputs),
    "float64": StepBounds(1e-10, BOUNDS["float64"].gradient, BOUNDS["float64"].outputs),
    "bfloat16": StepBounds(1e-2, 1e-1, BOUNDS["float32"].outputs),
    "float16": StepBounds(2e-3, 2e-2, BOUNDS["float32"].outputs),
}


@dataclass(frozen=True)
class EvaluationBounds:
    """Bounds of one precision for the evaluation of one state.

    Attributes:
        outputs: relative error of the logits of each row.
        metrics: difference of each metric, relative if it is above 1.
    """

    outputs: float
    metrics: float


EVALUATION_BOUNDS = {
    "float32": EvaluationBounds(BOUNDS["float32"].outputs, 1e-6),
    "float64": EvaluationBounds(BOUNDS["float64"].outputs, 1e-6),
    "bfloat16": EvaluationBounds(5e-2, 1e-2),
    "float16": EvaluationBounds(1e-2, 2e-3),
}
FLOOR = 1e-3
"""A gradient that is zero in exact arithmetic, such as that of key biases under softmax, is noise: the error of a
parameter's gradient is relative to at least this share of the norm over all parameters."""
