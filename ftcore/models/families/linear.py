"""A linear map of given features: logistic or linear regression, depending on the loss."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.contract.network import Architecture, Features, Head, Pooling
from ftcore.errors import ModelError
from ftcore.models.families import fields, native

FIELDS = native.Fields(("input_size",), (), (), {"bias": (True, None)})


@dataclass(frozen=True)
class Linear:
    """One linear map."""

    name: str = "linear"
    prefix: str = ""
    body_class: str = ""
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"
    classifier_class: str = "FtcoreLinearClassifier"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config with `input_size` features."""
        config = FIELDS.checked(config, dropout)
        return Architecture(Features(fields.count(config, "input_size", 0)), (), self.name, config)

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: dropout, one linear map."""
        if not isinstance(architecture.body, Features):
            raise TypeError(f"a {type(architecture.body).__name__} reads no features")
        if pooling != "pooler" or pair == "separate":
            raise ModelError(f"{self.name}: features have no pooling {pooling} and no pairs")
        return native.head(architecture, architecture.body.size, outputs, pooling, pair)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return only the name."""
        return (name,)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor belongs to a classifier that is not needed."""
        return name in native.IGNORED
