"""Describes what a backend builds or uses: an architecture with its head, or a user's own module."""

from dataclasses import dataclass
from typing import Any

from ftcore.contract.network.architecture import Architecture
from ftcore.contract.network.head import HEAD_DROPOUT, POOLER_DROPOUT, Head, TokenHead
from ftcore.contract.network.parameter import Parameter
from ftcore.contract.network.residual_convolution import ResidualConvolution
from ftcore.contract.network.transformer import Transformer


@dataclass(frozen=True)
class Network:
    """An architecture and its head: what a backend builds."""

    architecture: Architecture
    head: Head | TokenHead

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter, the body's first."""
        return self.architecture.parameters + self.head.parameters

    @property
    def tensors(self) -> tuple[Parameter, ...]:
        """Everything that is saved: the parameters, then the buffers."""
        return self.parameters + self.buffers

    @property
    def buffers(self) -> tuple[Parameter, ...]:
        """Tensors that are saved beside the parameters, the body's first."""
        of_head = self.head.buffers if isinstance(self.head, TokenHead) else ()
        return self.architecture.buffers + of_head

    @property
    def couples_examples(self) -> bool:
        """Whether a training example's result depends on the others, as with batch normalization."""
        return isinstance(self.architecture.body, ResidualConvolution)

    @property
    def dropout_sites(self) -> tuple[str, ...]:
        """Every dropout site, by canonical path."""
        if isinstance(self.head, TokenHead):
            of_head = (HEAD_DROPOUT,) if self.head.of_task else ()
            return (*self.architecture.dropout_modules, *of_head)
        of_pooler = (POOLER_DROPOUT,) if self.head.pooler_dropout else ()
        return (*self.architecture.dropout_modules, *of_pooler, HEAD_DROPOUT)

    @property
    def predicts_tokens(self) -> bool:
        """Whether the head is a language model's, with a logit for every row of the token table."""
        return isinstance(self.head, TokenHead) and not self.head.of_task

    @property
    def image_tokens(self) -> int:
        """Number of tokens of every image; 0 if the input is not cut into patches."""
        body = self.architecture.body
        return body.positions if isinstance(body, Transformer) and body.patches is not None else 0


@dataclass(frozen=True)
class Module:
    """A user's own torch.nn.Module or keras.Model, used as it is and trained in place."""

    module: Any
