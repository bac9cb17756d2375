"""Networks: the one transformer under a head that is described by data, and a user's own module."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import keras

from ftcore.errors import ModelError
from ftcore.models.network import Module, Network, Parameter, Transformer
from ftcore_keras.activations import Activations
from ftcore_keras.foreign import ForeignNetwork
from ftcore_keras.functions import Tensor
from ftcore_keras.head import HeadLayer
from ftcore_keras.layers import Variables
from ftcore_keras.tensors import Named
from ftcore_keras.transformer import TransformerBody


class KerasNetwork(Protocol):
    """What the learner needs of a network."""

    @property
    def model(self) -> keras.Model:
        """The model as a whole."""
        ...

    @property
    def couples_examples(self) -> bool:
        """Whether a layer's result for one example depends on the others."""
        ...

    def prepare(self, inputs: Mapping[str, Any]) -> None:
        """Build what is not built yet, for inputs like these; those of later calls may be longer."""
        ...

    def parameters(self) -> list[Named]:
        """Return every parameter that may be trained."""
        ...

    def buffers(self) -> list[Named]:
        """Return every other variable that is saved."""
        ...

    def seed_states(self) -> list[keras.Variable]:
        """Return the state of each layer's random draws: int64 [2]."""
        ...

    def signature(self, shape: tuple[int, ...]) -> tuple[int | None, ...]:
        """Return the shape for which a graph is traced, given an input's shape."""
        ...

    def compute(self, inputs: Mapping[str, Tensor], training: bool = False) -> Activations:
        """Run the network."""
        ...


def build_network(network: Network | Module, precision: str) -> KerasNetwork:
    """Return the network of a program, in the given precision (a foreign module keeps its own)."""
    if isinstance(network, Module):
        return ForeignNetwork(network.module)
    return DescribedNetwork(network, precision)


class DescribedModel(keras.Model):
    """Body and head as one keras.Model, which can be exported and served.

    Its inputs are a mapping of `input_ids`, `attention_mask` and `token_type_ids`, int32 [sequences, length],
    or of `features`, float [examples, size].
    """

    def __init__(self, network: Network, precision: str) -> None:
        super().__init__(dtype=precision)
        body = network.architecture.body
        self.body = TransformerBody(body, precision) if isinstance(body, Transformer) else None
        self.head = HeadLayer(network.head, precision)
        self.built = True

    def call(self, inputs: Mapping[str, Tensor], training: bool = False) -> Tensor:
        """Return logits [examples, outputs]; pooled vectors [sequences, hidden] where there is no classifier."""
        found = self.compute(inputs, training)
        return found.pooled if found.logits is None else found.logits

    def compute(self, inputs: Mapping[str, Tensor], training: bool = False) -> Activations:
        """Return everything that a learner may want."""
        if self.body is None:
            return Activations(self.head(inputs["features"], training=training))
        hidden_states = self.body(
            inputs["input_ids"], inputs["attention_mask"], inputs["token_type_ids"], training=training
        )
        pooled = self.head.pool(hidden_states[-1], inputs["attention_mask"])
        return Activations(self.head(pooled, training=training), pooled, hidden_states)

    def named(self) -> Variables:
        """Return the variables by canonical path."""
        body = {} if self.body is None else self.body.named()
        return {**body, **self.head.named()}


class DescribedNetwork:
    """A network built from a neutral description."""

    def __init__(self, network: Network, precision: str) -> None:
        self._model = DescribedModel(network, precision)
        self._parameters = _bind(network.parameters, self._model.named())

    @property
    def model(self) -> DescribedModel:
        """The model as a whole."""
        return self._model

    @property
    def couples_examples(self) -> bool:
        """Return False: no described layer couples examples."""
        return False

    def prepare(self, inputs: Mapping[str, Any]) -> None:
        """Do nothing: a described network is built from its description."""

    def parameters(self) -> list[Named]:
        """Return every parameter, in the description's order."""
        return self._parameters

    def buffers(self) -> list[Named]:
        """Return nothing: described networks have no buffers."""
        return []

    def seed_states(self) -> list[keras.Variable]:
        """Return the state of each dropout."""
        return list(self._model.non_trainable_variables)

    def signature(self, shape: tuple[int, ...]) -> tuple[int | None, ...]:
        """Leave every dimension open: one graph serves every length."""
        return (None,) * len(shape)

    def compute(self, inputs: Mapping[str, Tensor], training: bool = False) -> Activations:
        """Run body and head."""
        return self._model.compute(inputs, training)


def _bind(parameters: Sequence[Parameter], variables: Variables) -> list[Named]:
    paths = {parameter.path for parameter in parameters}
    if paths != set(variables):
        differing = ", ".join(sorted(paths ^ set(variables)))
        raise ModelError(f"the description's parameters are not those of the network that it describes: {differing}")
    return [
        Named(parameter.name, variables[parameter.path], transposed=parameter.role == "weight")
        for parameter in parameters
    ]
