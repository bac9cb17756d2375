"""The `model` part of a spec."""

from typing import Annotated, Literal

from annotated_types import Interval
from pydantic import Field, model_validator

from ftcore.spec.base import Place, SpecPart, require_fit


class FromScratch(SpecPart):
    """A network with no weights of its own: every parameter is drawn from the seed, or given by `weights`."""

    architecture: str = Field(min_length=1, description="A model location whose config.json gives the architecture.")
    tokenizer: str | None = Field(
        None, description="A model location with tokenizer.json; default: the architecture's."
    )


class ModelSpec(SpecPart):
    """Which network is trained, and which of its parameters."""

    pretrained: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="A folder, a hub id, package:IMPORT_NAME/FOLDER, or a run folder of ftcore."
    )
    revision: str | None = Field(None, description="Branch, tag or commit of a hub id.")
    from_scratch: FromScratch | None = Field(
        None, description="Train with no pretrained weights, unless weights gives them."
    )
    weights: Annotated[str, Field(min_length=1)] | None = Field(
        None,
        description="A file of tensors (.safetensors, or what torch.save writes: .pth, .pt, .bin, .ckpt), in place of "
        "those of the folder that pretrained or from_scratch.architecture names.",
    )
    pooling: Literal["pooler", "cls", "mean", "max", "last"] | None = Field(
        None, description="How a sequence becomes one vector; default: the family's own."
    )
    normalize: bool | None = Field(
        None, description="Whether that vector is scaled to length 1; default: as the head was trained, else false."
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
        if self.pretrained is None and self.from_scratch is None:
            problems.append(((), "give pretrained (a folder, a hub id or package:NAME/FOLDER) or from_scratch"))
        if self.pretrained is not None and self.from_scratch is not None:
            problems.append((("from_scratch",), "give pretrained or from_scratch, not both"))
        if self.trainable == []:
            problems.append((("trainable",), "given an empty list, which trains nothing; allowed: all, head, patterns"))
        require_fit(problems)
        return self
