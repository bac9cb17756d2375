"""Implements the head of token classification, which maps every position's hidden state to logits."""

from torch import Tensor, nn

from ftcore.contract.network import HEAD_DROPOUT, TokenHead
from ftcore_torch.dropout import KeyedDropout, Masks
from ftcore_torch.functions import ACTIVATIONS
from ftcore_torch.head import NormModule, linear


class TokenHeadModule(nn.Module):
    """Maps hidden states to logits; its parameters are named by their canonical paths."""

    def __init__(self, head: TokenHead, masks: Masks) -> None:
        super().__init__()
        shapes = {parameter.path: parameter.shape for parameter in head.parameters}
        self.transform = None
        if head.transform is not None:
            self.transform = linear(shapes, "transform")
            if head.norm is not None:
                self.transform.add_module("norm", NormModule(head.norm, shapes["transform.norm.scale"][0]))
        activation = None if head.transform is None else head.transform.activation
        self._activation = nn.Identity() if activation is None else ACTIVATIONS[activation]
        self.dropout = KeyedDropout(head.dropout, HEAD_DROPOUT, masks)
        self.classifier = linear(shapes, "classifier")

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Return logits [rows, length, outputs] of hidden_states [rows, length, hidden]."""
        if self.transform is not None:
            hidden_states = self._activation(self.transform(hidden_states))
            # The family's norm, if it has one.
            for norm in self.transform.children():
                hidden_states = norm(hidden_states)
        logits: Tensor = self.classifier(self.dropout(hidden_states))
        return logits
