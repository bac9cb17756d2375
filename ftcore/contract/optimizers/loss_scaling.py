"""Loss scaling for float16: gradients too small for its range are kept from becoming zero.

The loss is multiplied by a scale before its gradient is taken, and the gradient divided by it afterwards; the scale is
a power of two, so both are exact. A step whose gradient is not finite changes nothing but the scale, which is halved;
after many finite steps in a row it is doubled (Micikevicius et al. 2018, section 3.2; the numbers are those of
PyTorch's GradScaler).
"""

INITIAL, LEAST = 2.0**16, 1.0
GROWTH, BACKOFF = 2.0, 0.5
GROWTH_INTERVAL = 2000
"""Finite steps in a row after which the scale grows."""
MOST_SKIPPED = 17
"""Steps in a row that may be not finite while the scale is found: from INITIAL down to LEAST, and one more."""
SCALE, STREAK = "loss_scale", "loss_scale_streak"
"""Names in an optimizer's state: float32 [], and int64 [], the finite steps since the scale last changed."""


def updated(scale: float, streak: int, finite: bool) -> tuple[float, int]:
    """Return scale and streak after a step: the reference of every backend."""
    if not finite:
        return max(scale * BACKOFF, LEAST), 0
    if streak + 1 < GROWTH_INTERVAL:
        return scale, streak + 1
    return scale * GROWTH, 0
