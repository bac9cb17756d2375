"""Builds the network of a program, such as a transformers model with a described head."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ftcore.contract import Batch, Program
from ftcore.contract.network import EncoderDecoder, Head, Module, Network, ResidualConvolution, TokenHead, Transformer
from ftcore.errors import BackendError, ModelError
from ftcore_torch.activations import Activations
from ftcore_torch.adaptation import ADAPTATIONS, LAST_BLOCK, Adaptation, Built, Computation, adapt
from ftcore_torch.dropout import Masks
from ftcore_torch.foreign import ForeignNetwork
from ftcore_torch.head import HeadModule
from ftcore_torch.language_model import LanguageModel
from ftcore_torch.layout import body_inputs, reading, with_mask
from ftcore_torch.native import NativeNetwork
from ftcore_torch.precision import PARAMETERS, products
from ftcore_torch.residual_convolution import ResidualConvolutionNetwork
from ftcore_torch.token_head import TokenHeadModule
from ftcore_torch.transformers_body import transformers_body


class TorchNetwork(Protocol):
    """The interface of a network for the learner."""

    @property
    def root(self) -> nn.Module:
        """The module that holds everything."""
        ...

    @property
    def couples_examples(self) -> bool:
        """Whether a layer's result for one example depends on the others."""
        ...

    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return every parameter under its checkpoint name."""
        ...

    def buffers_by_name(self) -> Mapping[str, Tensor]:
        """Return every persistent buffer under its checkpoint name."""
        ...

    def draws(self, program: Program, step: int, number: int, batch: Batch) -> AbstractContextManager[None]:
        """Make random draws in the context depend only on seed, step and batch, if the network is in training."""
        ...

    def compute(self, inputs: Mapping[str, Tensor], hidden_states: bool = False) -> Activations:
        """Run the network."""
        ...


def build_network(
    network: Network | Module,
    precision: str,
    options: Mapping[str, Any],
    adaptations: Sequence[Adaptation] = ADAPTATIONS,
) -> TorchNetwork:
    """Return the network of a program.

    Args:
        network: a description, or a user's own module.
        precision: the spec's precision; a user's own module keeps its types.
        options: attention, compile, and products as returned by `matrix_products.resolve`.
        adaptations: changes of transformers' modules; () for transformers' unchanged network with its own dropout.

    Raises:
        BackendError: the backend cannot build it.
    """
    if isinstance(network, Module):
        _refuse_compiling(options, "give a module that you compiled yourself")
        return ForeignNetwork(network.module, precision)
    head, body = network.head, network.architecture.body
    computation = Computation(precision, options["attention"], options["products"], options["compile"])
    if isinstance(head, TokenHead) and not head.of_task:
        return LanguageModel(network, head, computation, adaptations)
    if isinstance(body, EncoderDecoder):
        raise BackendError("an encoder-decoder needs a language model's head: it has no sequence to pool")
    if isinstance(body, Transformer):
        return DescribedNetwork(network, body, head, computation, adaptations)
    if isinstance(head, TokenHead):
        raise BackendError(f"a {type(body).__name__} cannot have a head for tokens")
    _refuse_compiling(options, "leave it out")
    if isinstance(body, ResidualConvolution):
        return ResidualConvolutionNetwork(network, body, head, precision)
    return NativeNetwork(network, body, head, precision)


def _refuse_compiling(options: Mapping[str, Any], advice: str) -> None:
    if options["compile"]:
        raise BackendError(f"backend.torch.compile is for transformer models: {advice}")


def _head(head: Head | TokenHead, masks: Masks) -> HeadModule | TokenHeadModule:
    return TokenHeadModule(head, masks) if isinstance(head, TokenHead) else HeadModule(head, masks)


class DescribedNetwork:
    """A network with transformers' body, built from a neutral description, and a task's head."""

    def __init__(
        self,
        network: Network,
        body: Transformer,
        head: Head | TokenHead,
        computation: Computation,
        adaptations: Sequence[Adaptation],
    ) -> None:
        # For a pair, the head drops from [u, v, abs(u - v), u * v].
        most = max(4 * body.hidden, body.attention.heads, body.feed_forward.intermediate)
        table = body.attention.disentangled
        table_rows = 0 if table is None else 2 * table.span
        self._masks = Masks(network.dropout_sites, most, table_rows=table_rows, image_tokens=network.image_tokens)
        self._body = transformers_body(network.architecture, computation.attention)
        self._prefix = getattr(self._body, "base_model_prefix", "")
        self._described, self._reads = body, head.pooled_states
        self._head = _head(head, self._masks)
        self._precision, self._dtype = computation.precision, PARAMETERS[computation.precision]
        self.root = nn.ModuleDict({"body": self._body, "head": self._head})
        built = Built(network, self.root, self._body, self._body, self._masks, computation)
        self._reads_alone = LAST_BLOCK in adapt(built, adaptations)
        self.root.to(self._dtype)
        # Evaluation stays eager, because it would need a second compilation.
        self._training_body = torch.compile(self._body, dynamic=True) if computation.compiles else self._body
        self._names = [parameter.name for parameter in network.parameters]
        self._stored_names = {own: stored for stored, own in network.architecture.module_names.items()}
        self._image_tokens = network.image_tokens
        self._head_names = {parameter.path: parameter.name for parameter in head.parameters}

    @property
    def couples_examples(self) -> bool:
        """Return False: no layer couples examples."""
        return False

    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return every parameter under its checkpoint name."""
        own = {f"{self._prefix}.{name}": value for name, value in self._body.named_parameters()}
        body = {self._stored_names.get(name, name): value for name, value in own.items()}
        head = {self._head_names[path]: value for path, value in self._head.named_parameters()}
        found = {**body, **head}
        if set(found) != set(self._names):
            differing = sorted(set(found) ^ set(self._names))
            raise ModelError(f"transformers' parameters differ from the description's: {', '.join(differing)}")
        return {name: found[name] for name in self._names}

    def buffers_by_name(self) -> Mapping[str, Tensor]:
        """Return nothing: described networks have no buffers that are saved."""
        return {}

    def draws(self, program: Program, step: int, number: int, batch: Batch) -> AbstractContextManager[None]:
        """Apply dropout by the contract's masks."""
        return self._masks.of(batch, program.seed, step, next(self.root.parameters()).device)

    def compute(self, inputs: Mapping[str, Tensor], hidden_states: bool = False) -> Activations:
        """Run body and head."""
        if self._image_tokens:
            inputs = with_mask(inputs, self._image_tokens)
        body = self._training_body if self.root.training else self._body
        whole = hidden_states or not self._reads_alone
        read = None if whole else reading(self._reads, inputs, self._dtype, self._masks.tokens)
        with products(self._precision, next(iter(inputs.values())).device):
            given = body_inputs(self._described, inputs, self._dtype, hasattr(self._body.config, "layer_types"))
            more = {} if read is None else {"reading": read}
            outputs = body(**given, output_hidden_states=hidden_states, **more)
        last = outputs.last_hidden_state
        # The last one is the output of the final norm, which not every transformers model includes here.
        states = (*outputs.hidden_states[:-1], last) if hidden_states else None
        if isinstance(self._head, TokenHeadModule):
            return Activations(self._head(last), None, states)
        pooled = self._head.pool(last, inputs) if read is None else self._head.finish(last, read.keys)
        return Activations(self._head.classify(pooled), pooled, states)
