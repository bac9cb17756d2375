"""Lists the places of a computation in order, with the output and the tensors of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ftcore.contract.network import (
    DECODER,
    ENCODER,
    EncoderDecoder,
    Features,
    ImageConvolution,
    Network,
    Parameter,
    Recurrent,
    ResidualConvolution,
    TextConvolution,
    TokenHead,
    Transformer,
)
from ftcore.errors import ModelError

EMBEDDINGS, POOLED, LOGITS, LOSS = "embeddings", "pooled", "logits", "loss"
MASK = "attention_mask"


@dataclass(frozen=True)
class Place:
    """One place of a computation.

    Attributes:
        name: "embeddings", "block 0", "decoder block 0", "stage 0", "pooled", "logits", "loss".
        output: key of its output array: "hidden_states/0", "pooled" and so on.
        mask: the input that marks which positions of that array are not padding; None if all are.
        tensors: the parameters and buffers that it reads.
    """

    name: str
    output: str
    mask: str | None
    tensors: tuple[Parameter, ...]


@dataclass(frozen=True)
class _Part:
    """Consecutive places, each of which outputs a hidden state.

    Attributes:
        path: prefix of the canonical paths of its tensors.
        places: names in order.
        prefixes: maps the prefix of the rest of a tensor's path to the name of its place.
        mask: see `Place.mask`.
    """

    path: str
    places: tuple[str, ...]
    prefixes: Mapping[str, str]
    mask: str | None


def places_of(network: Network) -> tuple[Place, ...]:
    """Return the places of a network.

    Raises:
        ModelError: networks of this kind cannot be compared.
    """
    parts, head = _parts(network), network.head
    read = _read(parts, (*network.architecture.parameters, *network.architecture.buffers))
    masks = {name: part.mask for part in parts for name in part.places}
    states = [
        Place(name, f"hidden_states/{index}", mask, tuple(read[name]))
        for index, (name, mask) in enumerate(masks.items())
    ]
    last = (*head.parameters, *(head.buffers if isinstance(head, TokenHead) else ()))
    if isinstance(head, TokenHead):
        return (*states, Place(LOGITS, LOGITS, parts[-1].mask, last), Place(LOSS, LOSS, None, ()))
    classifier = tuple(one for one in last if head.classifier and one.path.startswith(f"{head.classifier.path}."))
    before = tuple(one for one in last if one not in classifier)
    return (
        *states,
        Place(POOLED, POOLED, None, before),
        Place(LOGITS, LOGITS, None, classifier),
        Place(LOSS, LOSS, None, ()),
    )


def _parts(network: Network) -> tuple[_Part, ...]:
    body = network.architecture.body
    if isinstance(body, EncoderDecoder):
        return _blocks(body.encoder, MASK, ENCODER), _blocks(body.decoder, f"decoder_{MASK}", DECODER)
    if isinstance(body, Transformer):
        return (_blocks(body, None if body.patches else MASK),)
    if isinstance(body, ResidualConvolution):
        stages = {f"stages.{index}.": f"stage {index}" for index in range(len(body.stages))}
        return (_part({"stem.": "stem", **stages}, None),)
    if isinstance(body, Recurrent):
        layers = {f"layers.{index}.": f"layer {index}" for index in range(body.layers)}
        first = {"values.": "values"} if body.vocabulary is None else {"embeddings.": EMBEDDINGS}
        return (_part({**first, **layers}, MASK),)
    if isinstance(body, TextConvolution):
        return (_part({"embeddings.": EMBEDDINGS, "convolutions.": "filters"}, MASK),)
    if isinstance(body, ImageConvolution):
        blocks = {f"convolutions.{index}.": f"block {index}" for index in range(len(body.blocks))}
        return (_part({"pixels.": "pixels", **blocks}, None),)
    if isinstance(body, Features):
        return (_part({"features.": "features"}, None),)
    raise ModelError(f"a network of {type(body).__name__} has no blocks to compare")


def _part(prefixes: Mapping[str, str], mask: str | None) -> _Part:
    return _Part("", tuple(prefixes.values()), prefixes, mask)


def _blocks(body: Transformer, mask: str | None, path: str = "") -> _Part:
    """Return the places of a transformer; each application of a block is a place, but only the first reads tensors."""
    kind = f"{path[:-1]} " if path else ""
    prefixes = {"embeddings.": f"{kind}{EMBEDDINGS}"}
    prefixes |= {f"blocks.{index}.": f"{kind}block {index}" for index in range(body.blocks)}
    named = [prefixes[f"blocks.{index}."] for index in body.applied]
    times = [named[: place + 1].count(name) for place, name in enumerate(named)]
    places = [name if time == 1 else f"{name}, time {time}" for name, time in zip(named, times, strict=True)]
    return _Part(path, (prefixes["embeddings."], *places), prefixes, mask)


def _read(parts: Sequence[_Part], tensors: Iterable[Parameter]) -> dict[str, list[Parameter]]:
    """Return the tensors of each place; a tensor without a matching prefix belongs to the place of the one before it.

    A tensor of no part, such as a table that encoder and decoder share, belongs to the first part.
    """
    found: dict[str, list[Parameter]] = {name: [] for part in parts for name in part.places}
    places = {part.path: part.places[0] for part in parts}
    for one in tensors:
        part = next((part for part in parts if part.path and one.path.startswith(part.path)), parts[0])
        path = one.path.removeprefix(part.path)
        fitting = (name for prefix, name in part.prefixes.items() if path.startswith(prefix))
        places[part.path] = next(fitting, places[part.path])
        found[places[part.path]].append(one)
    return found
