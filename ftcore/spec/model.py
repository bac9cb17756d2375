"""The `model` part of a spec."""

import re
from typing import Annotated, Literal

from annotated_types import Interval
from pydantic import Field, model_validator

from ftcore.parts import Place, SpecPart, require_fit
from ftcore.text import TokenizerTraining

Location = Annotated[str, Field(min_length=1)]
MODULE = re.compile(r"((?P<folder>.+)/)?(?P<name>[^\W\d]\w*(\.[^\W\d]\w*)*):(?P<function>[^\W\d]\w*)")
"""The form of `model.module`."""
DESCRIBED = ("revision", "pooling", "normalize", "dropout", "trainable", "replace_head")
"""Fields that are for networks that ftcore builds itself."""
OF_ONE = ("pretrained", "revision", "from_scratch", "module", "weights", "pooling", "normalize", "replace_head")
"""Fields that are for one network, and not for an encoder and a decoder of their own."""


class FromScratch(SpecPart):
    """A network with no weights of its own: every parameter is drawn from the seed, or given by `weights`."""

    architecture: str = Field(min_length=1, description="A model location whose config.json gives the architecture.")
    tokenizer: Location | TokenizerTraining | None = Field(
        None,
        description="A model location with tokenizer.json, or {train: bpe, vocabulary: 8000}, whose vocabulary is then "
        "the network's; default: the architecture's.",
    )


class ModelPart(SpecPart):
    """The encoder or the decoder of an encoder-decoder: a BERT."""

    pretrained: Location | None = Field(None, description="A model location, whose weights it starts from.")
    revision: str | None = Field(None, description="Branch, tag or commit of a hub id.")
    from_scratch: Location | None = Field(
        None, description="A model location whose config.json gives the architecture; every parameter is drawn."
    )
    tokenizer: Location | TokenizerTraining | None = Field(
        None,
        description="A model location with tokenizer.json, or {train: bpe, vocabulary: 8000}: the part's token table "
        "is then drawn with that vocabulary; default: its own.",
    )

    @model_validator(mode="after")
    def _fits(self) -> "ModelPart":
        if self.pretrained is None and self.from_scratch is None:
            require_fit([((), "give pretrained (a folder, a hub id or package:NAME/FOLDER) or from_scratch")])
        if self.pretrained is not None and self.from_scratch is not None:
            require_fit([(("from_scratch",), "give pretrained or from_scratch, not both")])
        return self


class ModelSpec(SpecPart):
    """Which network is trained, and which of its parameters."""

    pretrained: Location | None = Field(
        None, description="A folder, a hub id, package:IMPORT_NAME/FOLDER, or a run folder of ftcore."
    )
    revision: str | None = Field(None, description="Branch, tag or commit of a hub id.")
    from_scratch: FromScratch | None = Field(
        None, description="Train with no pretrained weights, unless weights gives them."
    )
    encoder: ModelPart | None = Field(None, description="With decoder: an encoder-decoder of two BERTs.")
    decoder: ModelPart | None = Field(None, description="With encoder: what writes.")
    cross_attention: Literal["drawn", "copied"] = Field(
        "drawn",
        description="With encoder and decoder: drawn, or copied from the pretrained decoder's self-attention, block by "
        "block.",
    )
    module: Location | None = Field(
        None,
        description="PACKAGE.FILE:FUNCTION, whose result is trained: a torch.nn.Module or keras.Model from tokens, or "
        "in the task tensors from arrays, to logits. Imported, only with --allow-code, from the spec's folder (from "
        "another: FOLDER/PACKAGE.FILE:FUNCTION) or an installed package.",
    )
    tokenizer: Location | None = Field(
        None, description="With module, in a task of texts: a model location with tokenizer.json."
    )
    weights: Location | None = Field(
        None,
        description="A file of tensors (.safetensors, or what torch.save writes: .pth, .pt, .bin, .ckpt), in place of "
        "those of the folder that pretrained or from_scratch.architecture names; of a module as ftcore.load_weights "
        "takes it (.weights.h5 and .keras too).",
    )
    pooling: Literal["pooler", "cls", "mean", "max", "last"] | None = Field(
        None, description="How a sequence becomes one vector; default: the family's own."
    )
    normalize: bool | None = Field(
        None,
        description="Whether that vector is scaled to length 1; default: as the head was trained, else false. A new "
        "regression head of separate pairs then starts as their cosine.",
    )
    dropout: Annotated[float, Interval(ge=0, lt=1)] | None = Field(
        None, description="Replaces every dropout rate of the model's config."
    )
    trainable: Literal["all", "head"] | list[str] = Field(
        "all", description="all, head, or shell-style patterns of parameter names: ['*.layer.5.*', 'classifier.*']."
    )
    replace_head: bool = Field(False, description="Draw a new head even where the checkpoint has one.")

    @model_validator(mode="after")
    def _fits(self) -> "ModelSpec":
        problems: list[tuple[Place, str]] = []
        parts = self.encoder is not None or self.decoder is not None
        if self.pretrained is None and self.from_scratch is None and self.module is None and not parts:
            places = "pretrained (a folder, a hub id or package:NAME/FOLDER), from_scratch, module"
            problems.append(((), f"give {places}, or encoder and decoder"))
        if self.pretrained is not None and self.from_scratch is not None:
            problems.append((("from_scratch",), "give pretrained or from_scratch, not both"))
        if self.trainable == []:
            problems.append((("trainable",), "given an empty list, which trains nothing; allowed: all, head, patterns"))
        if self.cross_attention == "copied" and (self.decoder is None or self.decoder.pretrained is None):
            problems.append((("cross_attention",), "copied is for an encoder-decoder with decoder.pretrained"))
        if self.module is None and self.tokenizer is not None:
            problems.append((("tokenizer",), "is for model.module; others bring theirs, or from_scratch.tokenizer"))
        require_fit([*problems, *self._module_problems(), *(self._part_problems() if parts else [])])
        return self

    def _part_problems(self) -> list[tuple[Place, str]]:
        problems: list[tuple[Place, str]] = [
            ((name,), f"needed with {other}: {{pretrained: ...}} or {{from_scratch: ...}}")
            for name, other in (("encoder", "decoder"), ("decoder", "encoder"))
            if getattr(self, name) is None
        ]
        given = [one for one in OF_ONE if getattr(self, one) != type(self).model_fields[one].default]
        return [*problems, *(((name,), "is not for an encoder-decoder of two parts: leave it out") for name in given)]

    def _module_problems(self) -> list[tuple[Place, str]]:
        if self.module is None:
            return []
        problems: list[tuple[Place, str]] = []
        if self.pretrained is not None or self.from_scratch is not None:
            problems.append((("module",), "give pretrained, from_scratch or module, not two of them"))
        if MODULE.fullmatch(self.module) is None:
            problems.append(
                (("module",), f"given {self.module!r}; write it as PACKAGE.FILE:FUNCTION, such as net:build")
            )
        given = [one for one in DESCRIBED if getattr(self, one) != type(self).model_fields[one].default]
        text = "is not for a module, which is trained as its function returns it: leave it out"
        return [*problems, *(((name,), text) for name in given)]
