"""A module of a user's own, for PyTorch."""

import torch
from torch import nn


class Net(nn.Module):
    """Classifies token ids [examples, length] into 3 labels."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(23, 4)
        self.line = nn.Linear(4, 3)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        mask = attention_mask[:, :, None]
        return self.line((self.table(input_ids) * mask).sum(1) / mask.sum(1))


def build() -> nn.Module:
    return Net()
