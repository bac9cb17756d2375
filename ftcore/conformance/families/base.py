"""A family's tiny configs, and the values that every one of them is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ftcore.conformance.draws import SEED
from ftcore.conformance.kinds import KINDS
from ftcore.conformance.kinds.base import Fields, Kind
from ftcore.conformance.kinds.language_model import LANGUAGE_MODEL
from ftcore.conformance.kinds.text_classifier import TEXT_CLASSIFIER
from ftcore.contract import Batch
from ftcore.contract.network import Network
from ftcore.contract.seeds import generator

VARIANCE, COUNT = "running_var", "num_batches_tracked"
"""What names end with of a batch normalization's buffers that are not of any value."""


@dataclass(frozen=True)
class Variant:
    """One config of a family, with one of its heads.

    Attributes:
        family: its `model_type`.
        name: unique within the family.
        config: the fields of its config.json, without those of labels.
        norm_scale, weight_scale: as in `FamilyCases`.
        kind: the name of its kind, which says what it is given and gives.
    """

    family: str
    name: str
    config: Fields
    norm_scale: float = 1.0
    weight_scale: float = 0.4
    kind: str = TEXT_CLASSIFIER.name

    @property
    def of_kind(self) -> Kind:
        """What it is given and gives."""
        return KINDS[self.kind]

    @property
    def class_name(self) -> str:
        """Its class in transformers."""
        return self.of_kind.class_name(self.family)

    @property
    def whole_config(self) -> dict[str, Any]:
        """The fields of its config.json, with those that say what it is."""
        return {"model_type": self.family, "architectures": [self.class_name], **self.config}

    def network(self) -> Network:
        """Return the network, no dropout."""
        return self.of_kind.network(self.whole_config)

    @property
    def float32_inside(self) -> bool:
        """Whether transformers computes parts of it in float32 whatever the model's type."""
        return self.network().architecture.float32_inside

    def batch(self, step: int = 0) -> Batch:
        """Return what a step is given."""
        return self.of_kind.batch(self.config, step)

    def value(self, name: str, shape: Sequence[int]) -> np.ndarray:
        """Return a parameter's or buffer's value, nowhere what it is initialized with.

        It depends on name and shape alone, so whoever knows those needs no file. A vector named weight is a norm's
        scale.

        Returns:
            float64 of the shape that is given, which float32 holds exactly; a count is an int64 scalar.
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
    """What a family is tested with.

    Attributes:
        family: its `model_type`.
        config: the fields of the variant "base": every size, `vocab_size`, `pad_token_id` and, where the family has
            token types, `type_vocab_size` are written out; what else it leaves open has transformers' default.
        variants: name to the fields that differ from `config`; together they cover what changes the mathematics.
        options: for the property test, any combination of one alternative of each; an alternative is fields that go
            together.
        norm_scale: about which value the stored scales of norms lie.
        weight_scale: standard deviation of what has more than one dimension.
        kind: of "base" and `variants`.
        language_models: where a classifier's family has a language model: name to the fields that differ from
            `config`.
    """

    family: str
    config: Fields
    variants: Mapping[str, Fields]
    options: Sequence[Sequence[Fields]]
    norm_scale: float = 1.0
    weight_scale: float = 0.4
    kind: Kind = TEXT_CLASSIFIER
    language_models: Mapping[str, Fields] = field(default_factory=dict)

    @property
    def float32_inside(self) -> bool:
        """Whether transformers computes parts in float32, so that float64 has the wider bounds."""
        return any(variant.float32_inside for variant in self.every())

    def every(self) -> tuple[Variant, ...]:
        """Return the variants, "base" first, the language models last."""
        named = {"base": {}, **self.variants}
        return (*(self.variant(name, named[name]) for name in named), *map(self.language_model, self.language_models))

    def variant(self, name: str, fields: Fields) -> Variant:
        """Return a variant: `config` with other fields."""
        return self._variant(name, {**self.config, **fields}, self.kind)

    def language_model(self, name: str, fields: Fields | None = None) -> Variant:
        """Return the language model of a name in `language_models`, with further fields."""
        config = {**self.config, **(fields or {}), **self.language_models[name]}
        return self._variant(name, config, LANGUAGE_MODEL)

    def _variant(self, name: str, config: Fields, kind: Kind) -> Variant:
        return Variant(self.family, name, config, self.norm_scale, self.weight_scale, kind.name)


def each(field: str, *values: Any) -> tuple[Fields, ...]:
    """Return the alternatives of one field."""
    return tuple({field: value} for value in values)
