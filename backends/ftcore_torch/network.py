"""Networks: a transformers model under a head that is described by data, and a user's own module."""

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ftcore.errors import BackendError, ModelError
from ftcore.models.network import Architecture, Features, Module, Network
from ftcore_torch.activations import Activations
from ftcore_torch.foreign import ForeignNetwork
from ftcore_torch.head import HeadModule


class TorchNetwork(Protocol):
    """What the learner needs of a network."""

    @property
    def root(self) -> nn.Module:
        """The module that holds everything."""
        ...

    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return every parameter under its checkpoint name."""
        ...

    def buffers_by_name(self) -> Mapping[str, Tensor]:
        """Return every persistent buffer under its checkpoint name."""
        ...

    def compute(self, inputs: Mapping[str, Tensor], hidden_states: bool = False) -> Activations:
        """Run the network."""
        ...


def build_network(network: Network | Module, dtype: torch.dtype, attention: str) -> TorchNetwork:
    """Return the network of a program, in the given dtype (a foreign module keeps its own)."""
    if isinstance(network, Module):
        return ForeignNetwork(network.module)
    return DescribedNetwork(network, dtype, attention)


class DescribedNetwork:
    """A network built from a neutral description."""

    def __init__(self, network: Network, dtype: torch.dtype, attention: str) -> None:
        self._body = _body(network.architecture, attention)
        self._head = HeadModule(network.head)
        self.root = nn.ModuleDict({"body": self._body, "head": self._head}).to(dtype)
        self._prefix = getattr(self._body, "base_model_prefix", "")
        self._names = [parameter.name for parameter in network.parameters]
        self._head_names = {parameter.path: parameter.name for parameter in network.head.parameters}

    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return every parameter under its checkpoint name."""
        body = {f"{self._prefix}.{name}": value for name, value in self._body.named_parameters()}
        head = {self._head_names[path]: value for path, value in self._head.named_parameters()}
        found = {**body, **head}
        if set(found) != set(self._names):
            differing = sorted(set(found) ^ set(self._names))
            raise ModelError(f"transformers' parameters are not those of the description: {', '.join(differing)}")
        return {name: found[name] for name in self._names}

    def buffers_by_name(self) -> Mapping[str, Tensor]:
        """Return nothing: described networks have no buffers that are saved."""
        return {}

    def compute(self, inputs: Mapping[str, Tensor], hidden_states: bool = False) -> Activations:
        """Run body and head."""
        if isinstance(self._body, nn.Identity):
            return Activations(self._head.classify(self._body(inputs["features"])))
        outputs = self._body(**inputs, output_hidden_states=hidden_states)
        pooled = self._head.pool(outputs.last_hidden_state, inputs["attention_mask"])
        return Activations(self._head.classify(pooled), pooled, outputs.hidden_states)


def _body(architecture: Architecture, attention: str) -> Any:
    if isinstance(architecture.body, Features):
        return nn.Identity()
    from transformers import AutoModel
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    config = CONFIG_MAPPING[architecture.family].from_dict(dict(architecture.config))
    try:
        return AutoModel.from_config(  # type: ignore[no-untyped-call]
            config, attn_implementation=attention, add_pooling_layer=False
        )
    except (ValueError, TypeError) as error:
        raise BackendError(f"transformers cannot build a {architecture.family} model: {error}") from error
