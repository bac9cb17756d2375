"""The spec's precision: the type of variables, and the type that the operands of products are rounded to."""

from dataclasses import dataclass

from keras import ops

from ftcore_keras.functions import Tensor


@dataclass(frozen=True)
class Types:
    """The types of a network.

    Attributes:
        variables: of parameters, optimizer state, residual sums, norms, softmax, head and loss.
        products: what the operands of the body's linear maps and attention products are rounded to.
    """

    variables: str
    products: str

    def multiply(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the matrix product of operands rounded to `products`, in the type of variables."""
        if self.products == self.variables:
            return ops.matmul(first, second)
        product = ops.matmul(ops.cast(first, self.products), ops.cast(second, self.products))
        return ops.cast(product, self.variables)


TYPES = {
    "float32": Types("float32", "float32"),
    "float64": Types("float64", "float64"),
    "bfloat16": Types("float32", "bfloat16"),
    "float16": Types("float32", "float16"),
}
"""By the spec's precision."""
