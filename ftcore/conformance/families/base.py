"""The tiny configs of a family, and the values of their parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ftcore.conformance.draws import SEED
from ftcore.conformance.kinds import KINDS
from ftcore.conformance.kinds.base import Fields, Kind
from ftcore.conformance.kinds.text_classifier import TEXT_CLASSIFIER
from ftcore.contract import Batch
from ftcore.contract.network import Network
from ftcore.contract.seeds import generator

VARIANCE, COUNT = "running_var", "num_batches_tracked"
"""Ends of the names of batch normalization buffers that cannot have any value."""


@dataclass(frozen=True)
class Variant:
    """One config of a family, with one of its heads.

    Attributes:
        family: its `model_type`.
        name: unique within the family.
        config: the fields of its config.json, without those of labels.
        norm_scale, weight_scale: see `FamilyCases`.
        kind: the name of its kind, which defines its inputs and outputs.
    """

    family: str
    name: str
    config: Fields
    norm_scale: float = 1.0
    weight_scale: float = 0.4
    kind: str = TEXT_CLASSIFIER.name

    @property
    def of_kind(self) -> Kind:
        """Its kind: the inputs and outputs."""
        return KINDS[self.kind]

    @property
    def class_name(self) -> str:
        """Its class in transformers."""
        return self.of_kind.class_name(self.family)

    @property
    def whole_config(self) -> dict[str, Any]:
        """All fields of its config.json, including model_type and architectures."""
        return {"model_type": self.family, "architectures": [self.class_name], **self.config}

    def network(self) -> Network:
        """Return the network without dropout."""
        return self.of_kind.network(self.whole_config)

    @property
    def float32_inside(self) -> bool:
        """Whether transformers computes parts of it in float32 for any type of model."""
        return self.network().architecture.float32_inside

    def batch(self, step: int = 0) -> Batch:
        """Return the batch of a step."""
        return self.of_kind.batch(self.config, step)

    def value(self, name: str, shape: Sequence[int]) -> np.ndarray:
        """Return the value of a parameter or buffer, different everywhere from its initialization.

        It depends only on name and shape, so no file is needed. A vector named weight is a norm's scale.

        Returns:
            float64 of the given shape, exact in float32; a count is an int64 scalar.
        """
        if name.endswith(COUNT):
            return np.asarray(7)
        noise = generator(SEED, "conformance", "family", self.family, name).standard_normal(tuple(shape))
        center = self.norm_scale if len(shape) == 1 and name.endswith("weight") else 0.0
        values = center + (self.weight_scale if len(shape) > 1 else 0.25) * noise
        values = 0.5 + np.abs(values) if name.endswith(VARIANCE) else values
        return np.asarray(values.astype(np.float32).astype(np.float64))


@dataclass(frozen=True)
class FamilyCases:
    """The test cases of a family.

    Attributes:
        family: its `model_type`.
        config: the fields of the variant "base": every size, `vocab_size`, `pad_token_id` and, where the family has
            token types, `type_vocab_size` are written out; other fields have transformers' defaults.
        variants: maps names to the fields that differ from `config`; together they cover all changes of mathematics.
        options: the property test combines one alternative of each; an alternative is a set of fields.
        norm_scale: mean of the stored scales of norms.
        weight_scale: standard deviation of tensors with more than one dimension.
        kind: the kind of "base" and `variants`.
        other_heads: the family's other kinds of networks, by name: maps the names of their variants to the fields that
            differ from `config`. A name is unique within the family.
    """

    family: str
    config: Fields
    variants: Mapping[str, Fields]
    options: Sequence[Sequence[Fields]]
    norm_scale: float = 1.0
    weight_scale: float = 0.4
    kind: Kind = TEXT_CLASSIFIER
    other_heads: Mapping[str, Mapping[str, Fields]] = field(default_factory=dict)

    @property
    def float32_inside(self) -> bool:
        """Whether transformers computes parts in float32, so that the bounds of float64 are wider."""
        return any(variant.float32_inside for variant in self.every())

    def every(self) -> tuple[Variant, ...]:
        """Return the variants, "base" first, those with other heads last."""
        named = {"base": {}, **self.variants}
        return (*(self.variant(name, named[name]) for name in named), *map(self.other_head, self.other_names))

    @property
    def other_names(self) -> list[str]:
        """The names of the variants with other heads."""
        return [name for variants in self.other_heads.values() for name in variants]

    def variant(self, name: str, fields: Fields) -> Variant:
        """Return a variant: `config` with other fields."""
        return self._variant(name, {**self.config, **fields}, self.kind)

    def other_head(self, name: str, fields: Fields | None = None) -> Variant:
        """Return the variant with a name in `other_names`, with further fields."""
        kind, own = next((kind, variants[name]) for kind, variants in self.other_heads.items() if name in variants)
        return self._variant(name, {**self.config, **(fields or {}), **own}, KINDS[kind])

    def _variant(self, name: str, config: Fields, kind: Kind) -> Variant:
        return Variant(self.family, name, config, self.norm_scale, self.weight_scale, kind.name)


def each(field: str, *values: Any) -> tuple[Fields, ...]:
    """Return the alternatives of one field."""
    return tuple({field: value} for value in values)
