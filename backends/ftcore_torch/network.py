"""Networks: a transformers model under a head that is described by data, and a user's own module."""

import inspect
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ftcore.backend import Batch, Program
from ftcore.errors import BackendError, ModelError
from ftcore.models.families import FAMILIES
from ftcore.models.network import Architecture, EncoderDecoder, Features, Head, Module, Network, TokenHead, Transformer
from ftcore_torch.activations import Activations
from ftcore_torch.attention import register_attention
from ftcore_torch.dropout import Masks, replace_dropouts
from ftcore_torch.foreign import ForeignNetwork
from ftcore_torch.head import HeadModule
from ftcore_torch.language_model import LanguageModel
from ftcore_torch.last_block import read_in_last_block
from ftcore_torch.layout import body_inputs, reading
from ftcore_torch.precision import PARAMETERS, products


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

    def draws(self, program: Program, step: int, number: int, batch: Batch) -> AbstractContextManager[None]:
        """Make every random draw within a function of seed, step and batch, where the network is in training."""
        ...

    def compute(self, inputs: Mapping[str, Tensor], hidden_states: bool = False) -> Activations:
        """Run the network."""
        ...


def build_network(network: Network | Module, precision: str, options: Mapping[str, Any]) -> TorchNetwork:
    """Return the network of a program, in the given precision (a foreign module keeps its own types)."""
    if not isinstance(network, Module):
        head = network.head
        if isinstance(head, TokenHead):
            return LanguageModel(network, head, precision, options["attention"], options["compile"])
        return DescribedNetwork(network, head, precision, options["attention"], options["compile"])
    if options["compile"]:
        raise BackendError("backend.torch.compile is for networks of ftcore: give a module that you compiled yourself")
    return ForeignNetwork(network.module, precision)


class DescribedNetwork:
    """A network built from a neutral description, with a head for sequences."""

    def __init__(self, network: Network, head: Head, precision: str, attention: str, compiles: bool) -> None:
        self._masks = Masks(network.dropout_sites, _most_channels(network))
        self._body = _body(network.architecture, attention)
        self._prefix = getattr(self._body, "base_model_prefix", "")
        replace_dropouts(self._body, network.architecture, self._masks)
        self._described = _described(network.architecture)
        self._reads_alone = isinstance(self._described, Transformer) and self._described.reads_alone
        if self._reads_alone:
            read_in_last_block(self._body, network.architecture, f"{self._prefix}.")
        self._pooling = head.pooling
        self._head = HeadModule(head, self._masks)
        self._precision, self._dtype = precision, PARAMETERS[precision]
        self.root = nn.ModuleDict({"body": self._body, "head": self._head}).to(self._dtype)
        # Evaluation stays eager: it would be compiled once more.
        self._training_body = torch.compile(self._body, dynamic=True) if compiles else self._body
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

    def draws(self, program: Program, step: int, number: int, batch: Batch) -> AbstractContextManager[None]:
        """Drop by the contract's masks."""
        return self._masks.of(batch, program.seed, step, next(self.root.parameters()).device)

    def compute(self, inputs: Mapping[str, Tensor], hidden_states: bool = False) -> Activations:
        """Run body and head."""
        if isinstance(self._described, Features):
            return Activations(self._head.classify(self._body(inputs["features"])))
        body = self._training_body if self.root.training else self._body
        whole = hidden_states or not self._reads_alone
        read = None if whole else reading(self._pooling, inputs, self._dtype, self._masks.tokens)
        with products(self._precision, inputs["input_ids"].device):
            given = body_inputs(self._described, inputs, self._dtype, hasattr(self._body.config, "layer_types"))
            more = {} if read is None else {"reading": read}
            outputs = body(**given, output_hidden_states=hidden_states, **more)
        last = outputs.last_hidden_state
        pooled = self._head.pool(last, inputs) if read is None else self._head.finish(last, read.keys)
        return Activations(self._head.classify(pooled), pooled, outputs.hidden_states)


def _described(architecture: Architecture) -> Transformer | Features:
    if isinstance(architecture.body, EncoderDecoder):
        raise BackendError("an encoder-decoder needs a language model's head: it has no sequence to pool")
    return architecture.body


def _most_channels(network: Network) -> int:
    body = _described(network.architecture)
    if isinstance(body, Features):
        return body.size
    # Of a pair, the head drops from [u, v, abs(u - v), u * v].
    return max(4 * body.hidden, body.attention.heads)


def _body(architecture: Architecture, attention: str) -> Any:
    if isinstance(architecture.body, Features):
        return nn.Identity()
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    # With dropout, sdpa draws the masks of attention weights itself.
    implementation = register_attention() if attention == "sdpa" and architecture.dropout_modules else attention
    config = CONFIG_MAPPING[architecture.family].from_dict(dict(architecture.config))
    config.use_cache = False
    body_class = getattr(transformers, FAMILIES[architecture.family].body_class)
    has_pooler = "add_pooling_layer" in inspect.signature(body_class).parameters
    options = {"add_pooling_layer": False} if has_pooler else {}
    try:
        return transformers.AutoModel.from_config(  # type: ignore[no-untyped-call]
            config, attn_implementation=implementation, **options
        )
    except (ValueError, TypeError) as error:
        raise BackendError(f"transformers cannot build a {architecture.family} model: {error}") from error
