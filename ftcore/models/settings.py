"""The `model` part of a spec: the fields of every task, and those of single tasks.

The part of a task has ModelSpec and some of the other classes as bases. Fields that not every task has are read by
functions, which return the default if the part does not have the field.
"""

import re
from typing import Annotated, Any, Literal

from annotated_types import Interval
from pydantic import Field

from ftcore.contract.network import Pooling
from ftcore.parts import Problems, SpecPart, is_default
from ftcore.text import TokenizerTraining

Location = Annotated[str, Field(min_length=1)]
MODULE = re.compile(r"((?P<folder>.+)/)?(?P<name>[^\W\d]\w*(\.[^\W\d]\w*)*):(?P<function>[^\W\d]\w*)")
"""The form of `model.module`."""
DESCRIBED = ("revision", "pooling", "normalize", "dropout", "trainable", "replace_head")
"""Fields for networks that ftcore builds itself."""
OF_ONE = ("pretrained", "revision", "from_scratch", "module", "weights", "pooling", "normalize", "replace_head")
"""Fields for one network, as opposed to a separate encoder and decoder."""
PRETRAINED = "pretrained (a folder, a hub id or package:NAME/FOLDER)"


class FromScratch(SpecPart):
    """A network without pretrained weights: every parameter is drawn from the seed, or read from `weights`."""

    architecture: str = Field(min_length=1, description="A model location whose config.json gives the architecture.")
    tokenizer: Location | TokenizerTraining | None = Field(
        None,
        description="A model location with tokenizer.json, or {train: bpe, vocabulary: 8000}, whose vocabulary is then "
        "the network's; default: the architecture's.",
    )


class ModelPart(SpecPart):
    """The encoder or the decoder of an encoder-decoder: a BERT."""

    pretrained: Location | None = Field(None, description="A model location with the initial weights.")
    revision: str | None = Field(None, description="Branch, tag or commit of a hub id.")
    from_scratch: Location | None = Field(
        None, description="A model location whose config.json gives the architecture; every parameter is drawn."
    )
    tokenizer: Location | TokenizerTraining | None = Field(
        None,
        description="A model location with tokenizer.json, or {train: bpe, vocabulary: 8000}: the part's token table "
        "is then drawn with that vocabulary; default: its own.",
    )

    def _problems(self) -> Problems:
        if self.pretrained is None and self.from_scratch is None:
            return [((), f"give {PRETRAINED} or from_scratch")]
        if self.pretrained is not None and self.from_scratch is not None:
            return [(("from_scratch",), "give pretrained or from_scratch, not both")]
        return []


class ModelSpec(SpecPart):
    """Which network is trained, and which of its parameters."""

    pretrained: Location | None = Field(
        None, description="A folder, a hub id, package:IMPORT_NAME/FOLDER, or a run folder of ftcore."
    )
    revision: str | None = Field(None, description="Branch, tag or commit of a hub id.")
    from_scratch: FromScratch | None = Field(
        None, description="Train without pretrained weights, except those in weights."
    )
    weights: Location | None = Field(
        None,
        description="A file of tensors (.safetensors, or a file by torch.save: .pth, .pt, .bin, .ckpt), instead of "
        "those in the folder of pretrained or from_scratch.architecture; for a module, any file that "
        "ftcore.load_weights reads (.weights.h5 and .keras too).",
    )
    dropout: Annotated[float, Interval(ge=0, lt=1)] | None = Field(
        None, description="Replaces every dropout rate of the model's config."
    )
    trainable: Literal["all", "head"] | list[str] = Field(
        "all", description="all, head, or shell-style patterns of parameter names: ['*.layer.5.*', 'classifier.*']."
    )

    def _problems(self) -> Problems:
        found: Problems = []
        if all(one is None for one in (self.pretrained, self.from_scratch, module_of(self), *parts_of(self))):
            found.append(((), _missing(self)))
        if self.pretrained is not None and self.from_scratch is not None:
            found.append((("from_scratch",), "give pretrained or from_scratch, not both"))
        if self.trainable == []:
            found.append((("trainable",), "given an empty list, which trains nothing; allowed: all, head, patterns"))
        return found


class TwoParts(SpecPart):
    """An encoder-decoder of two BERTs."""

    encoder: ModelPart | None = Field(None, description="With decoder: an encoder-decoder of two BERTs.")
    decoder: ModelPart | None = Field(None, description="With encoder: the part that generates.")
    cross_attention: Literal["drawn", "copied"] = Field(
        "drawn",
        description="With encoder and decoder: drawn, or copied from the pretrained decoder's self-attention, block by "
        "block.",
    )

    def _problems(self) -> Problems:
        found: Problems = []
        if self.cross_attention == "copied" and (self.decoder is None or self.decoder.pretrained is None):
            found.append((("cross_attention",), "copied is only for an encoder-decoder with decoder.pretrained"))
        if self.encoder is not None or self.decoder is not None:
            found += [
                ((name,), f"needed with {other}: {{pretrained: ...}} or {{from_scratch: ...}}")
                for name, other in (("encoder", "decoder"), ("decoder", "encoder"))
                if getattr(self, name) is None
            ]
            text = "is not for an encoder-decoder of two parts: leave it out"
            found += [((name,), text) for name in _changed(self, OF_ONE)]
        return found


class OwnModule(SpecPart):
    """A module of the user's own."""

    module: Location | None = Field(
        None,
        description="PACKAGE.FILE:FUNCTION, which returns the model to train: a torch.nn.Module or keras.Model that "
        "maps tokens, or in the task tensors arrays, to logits. Imported, only with --allow-code, from the spec's "
        "folder (from another: FOLDER/PACKAGE.FILE:FUNCTION) or from an installed package.",
    )
    tokenizer: Location | None = Field(
        None, description="With module, in a task of texts: a model location with tokenizer.json."
    )

    def _problems(self) -> Problems:
        found: Problems = []
        if self.module is None and self.tokenizer is not None:
            found.append(
                (("tokenizer",), "is only for model.module; other models have their own, or from_scratch.tokenizer")
            )
        if self.module is not None:
            if _changed(self, ("pretrained", "from_scratch")):
                found.append((("module",), "give pretrained, from_scratch or module, not two of them"))
            if MODULE.fullmatch(self.module) is None:
                form = "write it as PACKAGE.FILE:FUNCTION, such as net:build"
                found.append((("module",), f"given {self.module!r}; {form}"))
            text = "is not for a module, which is trained as its function returns it: leave it out"
            found += [((name,), text) for name in _changed(self, DESCRIBED)]
        return found


class PooledHead(SpecPart):
    """How a sequence becomes one vector."""

    pooling: Pooling | None = Field(None, description="How a sequence becomes one vector; default: the family's own.")
    normalize: bool | None = Field(
        None,
        description="Whether that vector is scaled to length 1; default: as the head was trained, else false. A new "
        "regression head of separate pairs then starts as their cosine.",
    )


class NewHead(SpecPart):
    """Whether the head is a new one."""

    replace_head: bool = Field(False, description="Draw a new head even if the checkpoint has one.")


class AnyModelSpec(NewHead, PooledHead, OwnModule, TwoParts, ModelSpec):
    """Which network is trained, and which of its parameters."""


def pooling_of(spec: ModelSpec) -> Pooling | None:
    """Return how a sequence becomes one vector; None for the family's default."""
    found: Pooling | None = _field(spec, "pooling", None)
    return found


def normalize_of(spec: ModelSpec) -> bool | None:
    """Return whether the pooled vector is scaled to length 1; None to keep the setting of the trained head."""
    found: bool | None = _field(spec, "normalize", None)
    return found


def replaces_head(spec: ModelSpec) -> bool:
    """Return whether a new head is drawn even if the checkpoint has one."""
    return bool(_field(spec, "replace_head", False))


def module_of(spec: ModelSpec) -> str | None:
    """Return PACKAGE.FILE:FUNCTION of a user's module; None for a network that ftcore builds."""
    found: str | None = _field(spec, "module", None)
    return found


def parts_of(spec: ModelSpec) -> tuple[ModelPart | None, ModelPart | None]:
    """Return the encoder and decoder of an encoder-decoder of two parts; None for one network."""
    return _field(spec, "encoder", None), _field(spec, "decoder", None)


def copies_cross_attention(spec: ModelSpec) -> bool:
    """Return whether a decoder's cross-attention starts as its self-attention."""
    return bool(_field(spec, "cross_attention", "drawn") == "copied")


def _field(spec: SpecPart, name: str, default: Any) -> Any:
    return getattr(spec, name, default)


def _changed(spec: SpecPart, names: tuple[str, ...]) -> list[str]:
    """Return those of the fields whose value is not the default."""
    fields = type(spec).model_fields
    return [name for name in names if name in fields and not is_default(spec, name)]


def _missing(spec: SpecPart) -> str:
    """Return an error text with the fields of a part that name a network."""
    fields = type(spec).model_fields
    ways = [PRETRAINED, "from_scratch", *(["module"] if "module" in fields else [])]
    if "encoder" in fields:
        return f"give {', '.join(ways)}, or encoder and decoder"
    return f"give {', '.join(ways[:-1])} or {ways[-1]}"
