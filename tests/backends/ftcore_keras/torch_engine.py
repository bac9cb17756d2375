"""A second engine of Keras, for tests alone: PyTorch, by the shortest way.

Run as a program, it writes the logits of `networks` to the file that it is given; TensorFlow cannot be imported then.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ftcore.conformance import batches, family_folder
from ftcore.conformance.families import FAMILY_CASES
from ftcore.contract import Batch
from ftcore.contract import dropout as definition
from ftcore.contract.network import EncoderDecoder, Network, Transformer
from ftcore.models.families import FAMILIES

SEED, STEP, RATE = 5, 3, 0.2
DROPPING = ("bert, base", "bert, packed", "t5, base", "lstm")
"""Those of which a training step is compared, too."""
VARIANTS = [
    ("bert", "base"),
    ("bert", "masked language model"),
    ("deberta-v2", "position to content, convolution"),
    ("modernbert", "base"),
    ("phi3", "part of the channels"),
    ("t5", "base"),
    ("bart", "base"),
    ("vit", "base"),
    ("resnet", "base"),
]
TOKENS = {"vocab_size": 20, "embedding_size": 5}
NATIVE = {
    "lstm": {**TOKENS, "hidden_size": 4, "num_layers": 2, "bidirectional": True, "dropout": RATE},
    "gru": {"input_size": 3, "hidden_size": 4, "num_layers": 2},
    "text-cnn": {**TOKENS, "filter_widths": [3, 1], "num_filters": 4},
    "image-cnn": {"image_size": [8, 13], "num_channels": 2, "block_channels": [3, 4], "hidden_size": 5},
    "linear": {"input_size": 5},
}
"""Families of ftcore's own, and their configs."""


def networks() -> Iterator[tuple[str, Network, dict[str, np.ndarray], Batch]]:
    """Give each network, its values and a batch; of some the batch packed, too."""
    for family, name in VARIANTS:
        variant = next(one for one in FAMILY_CASES[family].every() if one.name == name)
        network = with_dropout(variant.network())
        values, batch = family_folder.values(variant, network), variant.batch()
        yield f"{family}, {name}", network, values, batch
        if family == "bert" and name == "base":
            yield f"{family}, packed", network, values, batches.packed(batch, 18)
    for name, config in NATIVE.items():
        architecture = FAMILIES[name].architecture({"model_type": name, **config}, None)
        network = Network(architecture, FAMILIES[name].head(architecture, 3, "pooler", "single"))
        draw = np.random.default_rng(1)
        values = {one.name: draw.normal(0.0, 0.3, one.shape) for one in network.tensors}
        yield name, network, values, native_batch(config)


def native_batch(config: dict[str, Any]) -> Batch:
    """Return four examples of what a family of ftcore's own reads."""
    draw, given = np.random.default_rng(2), batches.tokens((8, 5, 1, 3), 9, 20, np.arange(4, dtype=np.int32), "engines")
    if "image_size" in config:
        return replace(given, inputs={"pixel_values": draw.normal(size=(4, 2, *config["image_size"]))})
    if "vocab_size" in config:
        return given
    if "num_layers" in config:
        mask = given.inputs["attention_mask"]
        return replace(given, inputs={"values": draw.normal(size=(4, 9, 3)), "attention_mask": mask})
    return replace(given, inputs={"features": draw.normal(size=(4, 5))})


def with_dropout(network: Network) -> Network:
    """Return a network whose blocks drop, where it is a transformer."""
    body = network.architecture.body
    if isinstance(body, EncoderDecoder):
        body = replace(body, encoder=_dropping(body.encoder), decoder=_dropping(body.decoder))
    elif isinstance(body, Transformer):
        body = _dropping(body)
    return replace(network, architecture=replace(network.architecture, body=body))


def _dropping(body: Transformer) -> Transformer:
    return replace(body, hidden_dropout=RATE, attention_dropout=RATE, mixed_dropout=RATE, feed_forward_dropout=RATE)


class TorchEngine:
    """PyTorch as an `Engine`."""

    def shaped(self, values: Any, shape: Sequence[int | None]) -> Any:
        assert all(size in (None, own) for size, own in zip(shape, values.shape, strict=True))
        return values

    def add_bias(self, values: Any, bias: Any) -> Any:
        return values + bias

    def convolution(self, values: Any, kernel: Any, stride: int, border: int) -> Any:
        import torch

        found = torch.conv2d(values.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), None, stride, border)
        return found.permute(0, 2, 3, 1)

    def recurrence(self, advance: Any, start: Any, values: Any) -> Any:
        import torch

        state, outputs = start, []
        for inputs in values:
            state = advance(inputs, state)
            outputs.append(state[0])
        return torch.stack(outputs)

    def reversed_within(self, values: Any, lengths: Any) -> Any:
        import torch

        places, ends = torch.arange(values.shape[1]), lengths[:, None]
        turned = torch.where(places < ends, ends - 1 - places, places)
        return torch.take_along_dim(values, turned[:, :, None].long(), 1)

    def dropped(self, values: Any, rate: float, one: Any, other: Any) -> Any:
        kept = one * other >= definition.threshold(rate)
        return values * kept / (1.0 - rate)


def logits(engine: Any) -> dict[str, np.ndarray]:
    """Return the logits of `networks` by name, float64, and those of a training step of `DROPPING`."""
    from ftcore_keras.network import build_network
    from ftcore_keras.tensors import load_into
    from keras import ops

    found = {}
    for name, network, values, batch in networks():
        built = build_network(network, "float64", engine)
        load_into([*built.parameters(), *built.buffers()], values)
        inputs = {key: ops.convert_to_tensor(array) for key, array in batch.inputs.items()}
        found[name] = ops.convert_to_numpy(built.compute(inputs, {}).logits)
        if name in DROPPING:
            draws = built.draws(batch, SEED, STEP, 0)
            found[f"{name}, dropped"] = ops.convert_to_numpy(built.compute(inputs, draws).logits)
    return found


if __name__ == "__main__":
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    np.savez(sys.argv[1], **logits(TorchEngine()))
