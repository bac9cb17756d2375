"""Defines the input of plain texts for causal language models."""

from functools import partial
from typing import ClassVar

from ftcore.data import TEXT, Form
from ftcore.inputs.language.base import LanguageInput
from ftcore.inputs.language.causal import CausalExamples
from ftcore.inputs.language.encoders import TextEncoder
from ftcore.inputs.language.encoding import Encoding, EncodingRequest


class PlainTexts(LanguageInput):
    """One text per row; a long text is divided into several examples."""

    name: ClassVar[str] = "plain-texts"
    kind: ClassVar[str] = "causal"
    forms: ClassVar[tuple[Form, ...]] = ((TEXT,),)
    written: ClassVar[tuple[str, ...]] = (TEXT,)

    def encoding(self, request: EncodingRequest) -> Encoding:
        """Return the encoding of texts as examples."""
        return Encoding(TextEncoder(request.tokenizers.source, request.tokens.end), causal_dataset(request))


def causal_dataset(request: EncodingRequest) -> "partial[CausalExamples]":
    """Return a function that makes the dataset of stored examples."""
    tokenizer = request.tokenizers.source
    return partial(CausalExamples, max_length=tokenizer.max_length, pad_token_id=tokenizer.pad_token_id)
