"""Base of encoder-decoder families, which are data, as `decoder.py` is for decoders."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ftcore.contract.network import Architecture, EncoderDecoder, Parameter, TokenHead
from ftcore.models.families import fields, heads, parameters
from ftcore.models.families.parameters import Names

Config = Mapping[str, Any]

NEUTRAL: dict[str, tuple[Any, ...]] = {
    "is_encoder_decoder": (True, None),
    "is_decoder": (False, None),
    "add_cross_attention": (False, None),
    "quantization_config": (None,),
    "auto_map": ({}, None),
}
"""Fields that change the mathematics, with the values that do not."""


@dataclass(frozen=True)
class EncoderDecoderFamily:
    """A family of encoder-decoders; encoder and decoder share one token table.

    Attributes:
        language_model_class: its class in transformers.
        defaults: transformers' defaults of its config's fields.
        body: maps a config with defaults to the body.
        names: maps a config to the names of the encoder's and the decoder's modules.
        prefix: prefix of the names of the body.
        ignored: tensors that a checkpoint may have besides the parameters.
        dropouts: the fields that are dropout rates.
        neutral: further fields that change the mathematics, with the values that do not.
        scale: maps a config to the factor of the head's hidden states.
        logits_bias: whether the head has a bias that is not trained.
        saves_positions: whether transformers writes the table of positions.
        deviations: maps a config to the standard deviations of new parameters that differ from initializer_range, by
            the ends of their canonical paths.
    """

    name: str
    language_model_class: str
    defaults: Config
    body: Callable[[Config], EncoderDecoder]
    names: Callable[[Config], tuple[Names, Names]]
    prefix: str
    ignored: re.Pattern[str]
    dropouts: tuple[str, ...]
    neutral: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    scale: Callable[[Config], float] = lambda config: 1.0
    logits_bias: bool = False
    saves_positions: bool = True
    deviations: Callable[[Config], Mapping[str, float]] = lambda config: {}
    head_weight: str = "lm_head.weight"

    @property
    def table_copies(self) -> tuple[str, ...]:
        """Further names of the token table in checkpoints."""
        return tuple(f"{self.prefix}{part}.embed_tokens.weight" for part in ("encoder", "decoder"))

    def architecture(self, config: Config, dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        config = fields.with_dropout({**self.defaults, **config}, self.dropouts, dropout)
        fields.refuse(config, {**NEUTRAL, **self.neutral})
        shared, names = f"{self.prefix}shared", self.names(config)
        found = parameters.encoder_decoder(self, self.body(config), names, config, shared)
        found = parameters.with_deviations(found, self.deviations(config))
        return found if self.saves_positions else replace(found, buffers=_unsaved(found.buffers))

    def is_tied(self, config: Config) -> bool:
        """Return true: every family ties, except for a checkpoint that has its own head."""
        return True

    def token_head(self, architecture: Architecture, tied: bool) -> TokenHead:
        """Return the language model's head: a linear map, and in some families a bias that is not trained."""
        if not isinstance(architecture.body, EncoderDecoder):
            raise TypeError(f"a {type(architecture.body).__name__} is not an encoder-decoder")
        decoder = architecture.body.decoder
        bias = Parameter("final_logits_bias", "classifier.bias", (1, decoder.vocabulary), "constant", "zeros")
        return heads.token_head(
            decoder,
            tied=tied,
            classifier="lm_head",
            scale=self.scale(architecture.config),
            buffers=(bias,) if self.logits_bias else (),
        )

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return only the name: checkpoints without a head, whose names have no prefix, are not language models."""
        return (name,)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a copy of the token table, or a known buffer."""
        return name in self.table_copies or name == self.head_weight or self.ignored.fullmatch(name) is not None


def _unsaved(given: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    return tuple(replace(one, saved=False) for one in given)
