"""The head that labels every token: a dense layer and norm where it has them, dropout, a linear map."""

from torch import Tensor, nn

from ftcore.models.network import HEAD_DROPOUT, TokenHead
from ftcore_torch.dropout import KeyedDropout, Masks
from ftcore_torch.functions import ACTIVATIONS
from ftcore_torch.head import layer_norm, linear


class TokenHeadModule(nn.Module):
    """From hidden states to logits; its parameters are named by their canonical paths."""

    def __init__(self, head: TokenHead, masks: Masks) -> None:
        super().__init__()
        shapes = {parameter.path: parameter.shape for parameter in head.parameters}
        self.transform = None if head.transform is None else linear(shapes, "transform")
        activation = None if head.transform is None else head.transform.activation
        self._activation = nn.Identity() if activation is None else ACTIVATIONS[activation]
        if self.transform is not None and head.norm is not None:
            self.transform.add_module("norm", layer_norm(head.norm, shapes["transform.norm.scale"][0]))
        self.dropout = KeyedDropout(head.dropout, HEAD_DROPOUT, masks)
        self.classifier = linear(shapes, "classifier")

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Return logits [rows, length, outputs] of hidden_states [rows, length, hidden]."""
        values = hidden_states
        if self.transform is not None:
            values = self._activation(self.transform(values))
            values = self.transform.get_submodule("norm")(values) if hasattr(self.transform, "norm") else values
        logits: Tensor = self.classifier(self.dropout(values))
        return logits
