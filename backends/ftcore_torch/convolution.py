"""Implements the convolutional bodies over text and images."""

import torch
from torch import Tensor, nn

from ftcore.contract.network import ImageConvolution, Pooling, TextConvolution
from ftcore_torch.activations import Encoded
from ftcore_torch.dropout import KeyedDropout, Masks
from ftcore_torch.functions import ACTIVATIONS
from ftcore_torch.layout import Inputs


class TextConvolutionBody(nn.Module):
    """Token embeddings with convolution filters of several widths."""

    def __init__(self, body: TextConvolution, pooling: Pooling | None, masks: Masks) -> None:
        super().__init__()
        self._pooling, self._activation, self._widest = pooling, ACTIVATIONS[body.activation], max(body.widths)
        self.embedding = nn.Embedding(body.vocabulary, body.embedding)
        self.dropout = KeyedDropout(body.embedding_dropout, "embeddings", masks)
        self.convolutions = nn.ModuleList([nn.Conv1d(body.embedding, body.channels, width) for width in body.widths])
        widths = torch.tensor(body.widths).repeat_interleave(body.channels)
        self.register_buffer("_width_of_channel", widths, persistent=False)

    def forward(self, inputs: Inputs) -> Encoded:
        """Run on `input_ids`, int [rows, length]; a window's output is at the position of its first token."""
        mask = inputs["attention_mask"]
        embedded = self.embedding(inputs["input_ids"]) * mask.unsqueeze(2)
        # Padded so that every filter has a window for each token.
        filled = nn.functional.pad(self.dropout(embedded).transpose(1, 2), (0, self._widest - 1))
        filtered = [convolution(filled)[..., : mask.shape[1]] for convolution in self.convolutions]
        maps = self._activation(torch.cat(filtered, dim=1).transpose(1, 2))
        within = self._within(mask)
        return Encoded(self._pool(maps, within), (embedded, maps * within))

    def parameters_by_name(self) -> dict[str, nn.Parameter]:
        """Return every parameter under its checkpoint name."""
        return dict(self.named_parameters())

    def _within(self, mask: Tensor) -> Tensor:
        """Return which windows count, bool [rows, length, size]: those within the text, and its first."""
        starts = torch.arange(mask.shape[1], device=mask.device).view(1, -1, 1)
        ends = starts + self.get_buffer("_width_of_channel")
        return (ends <= mask.sum(dim=1).view(-1, 1, 1)) | (starts == 0)

    def _pool(self, maps: Tensor, within: Tensor) -> Tensor:
        if self._pooling == "mean":
            return (maps * within).sum(dim=1) / within.sum(dim=1)
        return maps.masked_fill(~within, torch.finfo(maps.dtype).min).amax(dim=1)


class ImageConvolutionBody(nn.Module):
    """Blocks of convolution, activation and max pooling."""

    def __init__(self, body: ImageConvolution, pooling: Pooling | None, masks: Masks) -> None:
        super().__init__()
        self._reading, self._activation = body.reading, ACTIVATIONS[body.activation]
        sizes = zip((body.channels, *body.blocks[:-1]), body.blocks, strict=True)
        self.convolutions = nn.ModuleList([nn.Conv2d(inputs, outputs, 3, padding=1) for inputs, outputs in sizes])

    def forward(self, inputs: Inputs) -> Encoded:
        """Run on `pixel_values`, float [examples, channels, height, width]."""
        states = [inputs["pixel_values"]]
        for convolution in self.convolutions:
            states.append(nn.functional.max_pool2d(self._activation(convolution(states[-1])), 2))
        last = states[-1]
        pooled = last.flatten(1) if self._reading == "flatten" else last.mean(dim=(2, 3))
        return Encoded(pooled, tuple(states))

    def parameters_by_name(self) -> dict[str, nn.Parameter]:
        """Return every parameter under its checkpoint name."""
        return dict(self.named_parameters())
