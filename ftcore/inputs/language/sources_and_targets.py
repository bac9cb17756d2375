"""Defines the input of source and target texts for encoder-decoders."""

from functools import partial
from typing import ClassVar

from ftcore.data import REWRITING, TARGET, Form
from ftcore.errors import ModelError
from ftcore.inputs.language.base import LanguageInput
from ftcore.inputs.language.encoders import PairEncoder
from ftcore.inputs.language.encoding import Encoding, EncodingRequest, PreparedModel, Tokenizers
from ftcore.inputs.language.pairs import PairExamples
from ftcore.inputs.language.settings import TargetTexts
from ftcore.models import with_generation
from ftcore.parts import SpecPart, part
from ftcore.text import languages


class SourcesAndTargets(LanguageInput):
    """A source text and its target; `references` may give several acceptable targets."""

    name: ClassVar[str] = "sources-and-targets"
    kind: ClassVar[str] = "encoder-decoder"
    forms: ClassVar[tuple[Form, ...]] = REWRITING
    written: ClassVar[tuple[str, ...]] = (TARGET,)
    own_parts: ClassVar[tuple[type[SpecPart], ...]] = (TargetTexts,)

    def with_languages(self, prepared: PreparedModel, settings: SpecPart) -> PreparedModel:
        """Return the model and tokenizers, set to the languages of the texts.

        Raises:
            SpecError: a language is not one of the tokenizer's.
        """
        asked, given = part(settings, TargetTexts), prepared.tokenizers
        marked = languages(given.folder, given.source, given.target, asked.source_language, asked.target_language)
        model = with_generation(prepared.model, marked.generation)
        return PreparedModel(model, Tokenizers(marked.source, marked.target, given.folder))

    def encoding(self, request: EncodingRequest) -> Encoding:
        """Return the encoding of sources and targets as examples."""
        tokenizers, start = request.tokenizers, request.tokens.start
        if start is None:
            raise ModelError(f"{tokenizers.folder}: names no token that a decoder starts with (decoder_start_token_id)")
        source, target = tokenizers.source, tokenizers.target
        dataset = partial(
            PairExamples,
            pads=(source.pad_token_id, target.pad_token_id),
            longest=(source.max_length, target.max_length),
            start=start,
        )
        prefix = part(request.settings, TargetTexts).source_prefix
        return Encoding(PairEncoder(source, target, prefix, start), dataset)
