"""Describes one named parameter or buffer of a network."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["weight", "bias", "norm", "embedding", "statistic", "count", "constant"]
TABLE_PATH = "embeddings.tokens"
"""Canonical path of the table in which token ids are looked up."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a network, or a buffer: a tensor that is saved with it and not changed by gradients.

    Attributes:
        name: its name in a Hugging Face checkpoint.
        path: its canonical name, the same for every family: "blocks.0.attention.query.weight".
        shape: its shape in the checkpoint.
        role: "weight" is a linear map stored [outputs, inputs], or a convolution [outputs, inputs, *window]; "norm"
            is a norm's scale or shift. Weight decay applies only to the roles "weight" and "embedding". Buffers have
            the roles "statistic" (a norm's running mean or variance), "count" (the number of its steps, int64), and
            "constant" (never changed).
        initial: how the core draws it if no checkpoint has it: "normal" (mean 0, the architecture's
            initializer_range), "uniform" (from -bound to bound), "zeros", "ones" or "sinusoidal"
            (sines, then cosines, of each position).
        zero_row: a row of an embedding that starts at zero (the padding token), or None.
        inputs_first: whether a "weight" is stored [inputs, outputs].
        bound: bound of "uniform".
        deviation: standard deviation of "normal", if it is not the architecture's initializer_range.
        saved: whether transformers writes it to checkpoints; a "constant" can be computed again.
    """

    name: str
    path: str
    shape: tuple[int, ...]
    role: Role
    initial: Literal["normal", "uniform", "zeros", "ones", "sinusoidal"]
    zero_row: int | None = None
    inputs_first: bool = False
    bound: float = 0.0
    deviation: float | None = None
    saved: bool = True
