"""Builds language models: transformers' own model with its head, adapted."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn

from ftcore.contract import Batch, Program
from ftcore.contract.network import Architecture, EncoderDecoder, Network, TokenHead, Transformer
from ftcore.errors import BackendError, ModelError
from ftcore_torch.activations import Activations
from ftcore_torch.adaptation import Adaptation, Built, Computation, adapt
from ftcore_torch.dropout import Masks
from ftcore_torch.layout import body_inputs, encoder_decoder_inputs
from ftcore_torch.precision import PARAMETERS, products


class LanguageModel:
    """A network whose head gives logits for every position.

    Attributes:
        described: description of its body.
        precision: the spec's precision.
        dtype: type of the parameters.
        root: transformers' model.
    """

    def __init__(
        self, network: Network, head: TokenHead, computation: Computation, adaptations: Sequence[Adaptation]
    ) -> None:
        self._masks = Masks(network.dropout_sites, _most_channels(network.architecture))
        model = _model(network.architecture, computation.attention)
        if not head.tied:
            _untie(model)
        body = model.get_submodule(network.architecture.transformers.prefix.rstrip("."))
        adapt(Built(network, model, model, body, self._masks, computation), adaptations)
        self.described = _described(network.architecture)
        self.precision, self.dtype = computation.precision, PARAMETERS[computation.precision]
        self.root: nn.Module = model.to(self.dtype)
        # Evaluation stays eager, because it would need a second compilation.
        self._training_model = torch.compile(model, dynamic=True) if computation.compiles else model
        self._trained, self._buffers = _by_name(model, network)

    @property
    def couples_examples(self) -> bool:
        """Return False: no layer couples examples."""
        return False

    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return every parameter under its checkpoint name; a tied one once."""
        return self._trained

    def buffers_by_name(self) -> Mapping[str, Tensor]:
        """Return the described buffers."""
        return self._buffers

    def draws(self, program: Program, step: int, number: int, batch: Batch) -> AbstractContextManager[None]:
        """Apply dropout by the contract's masks."""
        return self._masks.of(batch, program.seed, step, next(self.root.parameters()).device)

    def compute(self, inputs: Mapping[str, Tensor], hidden_states: bool = False) -> Activations:
        """Run the model."""
        model: Any = self._training_model if self.root.training else self.root
        body = self.described
        if isinstance(body, EncoderDecoder):
            given = encoder_decoder_inputs(inputs, self.dtype)
        else:
            given = body_inputs(body, inputs, self.dtype, hasattr(model.config, "layer_types"))
        with products(self.precision, inputs["input_ids"].device):
            outputs = model(**given, output_hidden_states=hidden_states)
        return Activations(outputs.logits, None, _states(outputs) if hidden_states else None)


def _states(outputs: Any) -> tuple[Tensor, ...]:
    """Return the hidden states of a model's outputs, the encoder's first."""
    if hasattr(outputs, "hidden_states"):
        return tuple(outputs.hidden_states)
    return (*outputs.encoder_hidden_states, *outputs.decoder_hidden_states)


def _described(architecture: Architecture) -> Transformer | EncoderDecoder:
    if not isinstance(architecture.body, Transformer | EncoderDecoder):
        raise BackendError(f"a {type(architecture.body).__name__} cannot have a language model's head")
    return architecture.body


def _most_channels(architecture: Architecture) -> int:
    body = _described(architecture)
    parts = (body.encoder, body.decoder) if isinstance(body, EncoderDecoder) else (body,)
    return max(max(part.hidden, part.feed_forward.intermediate, part.attention.heads) for part in parts)


def _model(architecture: Architecture, attention: str) -> Any:
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    config = CONFIG_MAPPING[architecture.family].from_dict(dict(architecture.config))
    for part in (config, getattr(config, "decoder", None)):
        if part is not None:
            part.use_cache = False
    model_class = getattr(transformers, architecture.transformers.language_model_class)
    try:
        model = model_class(config)
        if attention == "eager":
            model.set_attn_implementation(attention)
    except (ValueError, TypeError) as error:
        raise BackendError(f"transformers cannot build a {architecture.family} model: {error}") from error
    return model


def _untie(model: Any) -> None:
    """Give the last linear map its own weight."""
    last = model.get_output_embeddings()
    last.weight = nn.Parameter(last.weight.detach().clone())


def _by_name(model: nn.Module, network: Network) -> tuple[dict[str, nn.Parameter], dict[str, Tensor]]:
    """Return the parameters and the buffers of a model by checkpoint name, as in the description."""
    parameters = dict(model.named_parameters())
    stored = {**dict(model.named_buffers()), **parameters}
    described = {tensor.name for tensor in network.tensors}
    differing = sorted((described - set(stored)) | (set(parameters) - described))
    if differing:
        raise ModelError(f"transformers' parameters differ from the description's: {', '.join(differing)}")
    trained = {one.name: parameters[one.name] for one in network.parameters}
    return trained, {one.name: stored[one.name].requires_grad_(False) for one in network.buffers}
