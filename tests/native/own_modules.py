"""The obvious torch.nn.Module of each family: what anyone would write, and whose state dict fits by its own names."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

VOCABULARY, CLASSES = 20, 3


class PlainRecurrent(nn.Module):
    """Packed sequences through torch.nn.LSTM or GRU, and the states that the last layer's directions end with."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        tokens = "vocab_size" in config
        inputs, both = config["embedding_size" if tokens else "input_size"], config.get("bidirectional", False)
        if tokens:
            self.embedding = nn.Embedding(config["vocab_size"], inputs, padding_idx=0)
        kind = {"lstm": nn.LSTM, "gru": nn.GRU}[config["model_type"]]
        hidden, layers = config["hidden_size"], config.get("num_layers", 1)
        self.rnn = kind(inputs, hidden, layers, batch_first=True, bidirectional=both)
        self.classifier = nn.Linear(hidden * (2 if both else 1), CLASSES)

    def forward(self, inputs: dict[str, Tensor], pooling: str = "pooler") -> tuple[Tensor, Tensor]:
        """Return logits, and the last layer's outputs [sequences, length, channels]."""
        lengths = inputs["attention_mask"].sum(dim=1)
        steps = self.embedding(inputs["input_ids"]) if "input_ids" in inputs else inputs["values"]
        packed = pack_padded_sequence(steps, lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, state = self.rnn(packed)
        states, _ = pad_packed_sequence(outputs, batch_first=True, total_length=steps.shape[1])
        final = state[0] if isinstance(state, tuple) else state
        directions = 2 if self.rnn.bidirectional else 1
        texts = [row[:length] for row, length in zip(states, lengths, strict=True)]
        pooled = {
            "pooler": lambda: torch.cat(list(final[-directions:]), dim=1),
            "cls": lambda: torch.stack([text[0] for text in texts]),
            "mean": lambda: torch.stack([text.mean(dim=0) for text in texts]),
            "max": lambda: torch.stack([text.amax(dim=0) for text in texts]),
        }
        return self.classifier(pooled[pooling]()), states


class PlainTextCnn(nn.Module):
    """Each text by itself, without padding; a text shorter than a filter is filled up with zeros."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        size, filters, widths = config["embedding_size"], config["num_filters"], config["filter_widths"]
        self.embedding = nn.Embedding(config["vocab_size"], size, padding_idx=0)
        self.convolutions = nn.ModuleList([nn.Conv1d(size, filters, width) for width in widths])
        self.classifier = nn.Linear(filters * len(widths), CLASSES)
        self.activation = {"relu": torch.relu, "tanh": torch.tanh}[config.get("activation", "relu")]

    def forward(self, inputs: dict[str, Tensor], pooling: str = "pooler") -> tuple[Tensor, None]:
        """Return logits."""
        pooled = []
        for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"], strict=True):
            text = self.embedding(ids[mask == 1]).T[None]
            maps = [self.activation(one(self._filled(text, one.kernel_size[0]))) for one in self.convolutions]
            pooled.append(torch.cat([each.mean(2) if pooling == "mean" else each.amax(2) for each in maps], dim=1)[0])
        return self.classifier(torch.stack(pooled)), None

    @staticmethod
    def _filled(text: Tensor, width: int) -> Tensor:
        return nn.functional.pad(text, (0, max(0, width - text.shape[2])))


class PlainImageCnn(nn.Module):
    """Convolution, activation and maximum, twice; then one or two linear maps."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        blocks, (height, width) = config["block_channels"], config["image_size"]
        sizes = zip([config["num_channels"], *blocks[:-1]], blocks, strict=True)
        self.convolutions = nn.ModuleList([nn.Conv2d(inputs, outputs, 3, padding=1) for inputs, outputs in sizes])
        self.mean = config.get("reading") == "mean"
        self.activation = {"relu": torch.relu, "tanh": torch.tanh}[config.get("activation", "relu")]
        places = 1 if self.mean else (height >> len(blocks)) * (width >> len(blocks))
        channels = blocks[-1] * places
        if config.get("hidden_size"):
            self.hidden = nn.Linear(channels, config["hidden_size"])
            channels = config["hidden_size"]
        self.classifier = nn.Linear(channels, CLASSES)

    def forward(self, inputs: dict[str, Tensor], pooling: str = "pooler") -> tuple[Tensor, Tensor]:
        """Return logits, and the last block's output."""
        values = inputs["pixel_values"]
        for convolution in self.convolutions:
            values = nn.functional.max_pool2d(self.activation(convolution(values)), 2)
        flat = values.mean((2, 3)) if self.mean else values.flatten(1)
        if hasattr(self, "hidden"):
            flat = self.activation(self.hidden(flat))
        return self.classifier(flat), values


class PlainLinear(nn.Module):
    """One linear map."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.classifier = nn.Linear(config["input_size"], CLASSES)

    def forward(self, inputs: dict[str, Tensor], pooling: str = "pooler") -> tuple[Tensor, Tensor]:
        """Return logits, and the features."""
        return self.classifier(inputs["features"]), inputs["features"]


MODULES = {
    "linear": PlainLinear,
    "lstm": PlainRecurrent,
    "gru": PlainRecurrent,
    "text-cnn": PlainTextCnn,
    "image-cnn": PlainImageCnn,
}


def build(config: dict[str, Any]) -> Any:
    """Return a random module in float64, the padding token's embedding zero as torch.nn.Embedding makes it."""
    torch.manual_seed(0)
    return MODULES[config["model_type"]](config).double()
