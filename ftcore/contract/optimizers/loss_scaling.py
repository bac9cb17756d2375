"""Defines loss scaling, which keeps gradients from underflowing to zero in float16.

The loss is multiplied by a scale before its gradient is taken, and the gradient is divided by it afterwards. The scale
is a power of two, so both operations are exact. A step whose gradient is not finite only halves the scale; many finite
steps in a row double it (Micikevicius et al. 2018, section 3.2). The constants are PyTorch's (GradScaler).
"""

INITIAL, LEAST = 2.0**16, 1.0
GROWTH, BACKOFF = 2.0, 0.5
GROWTH_INTERVAL = 2000
"""Number of consecutive finite steps after which the scale grows."""
MOST_SKIPPED = 17
"""Most consecutive steps that may be skipped while the scale falls from INITIAL to LEAST, and one more."""
SCALE, STREAK = "loss_scale", "loss_scale_streak"
"""Names in an optimizer's state: the scale, float32 [], and the finite steps since it last changed, int64 []."""


def updated(scale: float, streak: int, finite: bool) -> tuple[float, int]:
    """Return scale and streak after a step; every backend must compute the same."""
    if not finite:
        return max(scale * BACKOFF, LEAST), 0
    if streak + 1 < GROWTH_INTERVAL:
        return scale, streak + 1
    return scale * GROWTH, 0
