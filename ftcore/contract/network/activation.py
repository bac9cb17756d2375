"""Lists the activation functions by name."""

from typing import Literal

Activation = Literal["gelu", "gelu_tanh", "relu", "silu", "tanh"]
