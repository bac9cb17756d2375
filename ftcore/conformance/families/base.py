"""A family's tiny configs, and the texts and values that every one of them is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ftcore.backend import Batch
from ftcore.conformance import batches
from ftcore.conformance.draws import SEED
from ftcore.models.families import FAMILIES
from ftcore.seeds import generator

Fields = Mapping[str, Any]
LENGTHS = (8, 5, 3, 2, 7, 1)
PADDED = 10
"""Columns of a batch: the longest text is padded too."""
LABELS = 3


@dataclass(frozen=True)
class Variant:
    """One config of a family.

    Attributes:
        family: its `model_type`.
        name: unique within the family.
        config: the fields of its config.json, without those of labels.
        norm_scale: as in `FamilyCases`.
    """

    family: str
    name: str
    config: Fields
    norm_scale: float = 1.0

    @property
    def float32_inside(self) -> bool:
        """Whether transformers computes parts of it in float32 whatever the model's type."""
        return FAMILIES[self.family].architecture(self.config, None).float32_inside

    def batch(self, step: int = 0) -> Batch:
        """Return the texts of a step, padded on the right with the config's padding token, which is in no text."""
        draw = generator(SEED, "conformance", "family labels", step)
        labels = draw.integers(0, LABELS, size=len(LENGTHS)).astype(np.int32)
        drawn = batches.tokens(LENGTHS, PADDED, self.config["vocab_size"], labels, "families", step)
        ids, mask = drawn.inputs["input_ids"], drawn.inputs["attention_mask"]
        padding = self.config.get("pad_token_id") or 0
        # Drawn from 1 up: those up to the padding token move down by one.
        ids = np.where(mask == 1, np.where(ids <= padding, ids - 1, ids), padding).astype(np.int32)
        types = np.minimum(drawn.inputs["token_type_ids"], max(self.token_types - 1, 0)).astype(np.int32)
        return replace(drawn, inputs={"input_ids": ids, "attention_mask": mask, "token_type_ids": types})

    @property
    def token_types(self) -> int:
        """Rows of the table of token types; 0 where the config has no such field."""
        return int(self.config.get("type_vocab_size") or 0)

    def value(self, name: str, shape: Sequence[int]) -> np.ndarray:
        """Return a parameter's value: float64 that float32 holds exactly, nowhere what it is initialized with.

        It depends on name and shape alone, so whoever knows those needs no file. A vector named weight is a norm's
        scale.
        """
        noise = generator(SEED, "conformance", "family", self.family, name).standard_normal(tuple(shape))
        center = self.norm_scale if len(shape) == 1 and name.endswith("weight") else 0.0
        values = center + (0.4 if len(shape) > 1 else 0.25) * noise
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
    """

    family: str
    config: Fields
    variants: Mapping[str, Fields]
    options: Sequence[Sequence[Fields]]
    norm_scale: float = 1.0

    @property
    def float32_inside(self) -> bool:
        """Whether transformers computes parts in float32, so that float64 has the wider bounds."""
        return any(variant.float32_inside for variant in self.every())

    def every(self) -> tuple[Variant, ...]:
        """Return the variants, "base" first."""
        named = {"base": {}, **self.variants}
        return tuple(self.variant(name, fields) for name, fields in named.items())

    def variant(self, name: str, fields: Fields) -> Variant:
        """Return a variant: `config` with other fields."""
        return Variant(self.family, name, {**self.config, **fields}, self.norm_scale)


def each(field: str, *values: Any) -> tuple[Fields, ...]:
    """Return the alternatives of one field."""
    return tuple({field: value} for value in values)
