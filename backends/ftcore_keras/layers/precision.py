"""Defines the types in which a network computes, by the spec's precision, and its engine."""

from dataclasses import dataclass, replace

from keras import ops

from ftcore_keras.layers.engine import Engine
from ftcore_keras.layers.functions import Tensor

TYPES = {
    "float32": ("float32", "float32"),
    "float64": ("float64", "float64"),
    "bfloat16": ("float32", "bfloat16"),
    "float16": ("float32", "float16"),
}
"""The types of variables and of products, by the spec's precision."""


@dataclass(frozen=True)
class Types:
    """The types of a network, and the engine that computes in them.

    Attributes:
        variables: type of parameters, optimizer state, residual sums, norms, softmax, head and loss.
        products: type to which the operands of the body's linear maps and attention products are rounded.
        engine: operations that keras.ops lacks.
    """

    variables: str
    products: str
    engine: Engine

    @classmethod
    def of(cls, precision: str, engine: Engine) -> "Types":
        """Return the types of the spec's precision."""
        return cls(*TYPES[precision], engine)

    @property
    def unrounded(self) -> "Types":
        """The same with products in the type of variables, for a head."""
        return replace(self, products=self.variables)

    def multiply(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the matrix product of operands rounded to `products`, in the type of variables."""
        if self.products == self.variables:
            return ops.matmul(first, second)
        product = ops.matmul(ops.cast(first, self.products), ops.cast(second, self.products))
        return ops.cast(product, self.variables)
