"""Defines the input of plain texts for masked language models."""

from functools import partial
from typing import ClassVar

from ftcore.data import TEXT, Form
from ftcore.errors import ModelError
from ftcore.inputs.language.base import LanguageInput
from ftcore.inputs.language.encoders import MaskedTextEncoder
from ftcore.inputs.language.encoding import Encoding, EncodingRequest
from ftcore.inputs.language.masked import MaskedExamples, Masking
from ftcore.inputs.language.settings import MaskedShare
from ftcore.parts import SpecPart, part

MASKS = ("[MASK]", "<mask>")
"""The mask tokens to look for if the tokenizer's configuration names none."""


class MaskedTexts(LanguageInput):
    """One text per row, with some tokens masked; each step masks other tokens."""

    name: ClassVar[str] = "masked-texts"
    kind: ClassVar[str] = "masked"
    forms: ClassVar[tuple[Form, ...]] = ((TEXT,),)
    own_parts: ClassVar[tuple[type[SpecPart], ...]] = (MaskedShare,)

    def encoding(self, request: EncodingRequest) -> Encoding:
        """Return the encoding of texts as examples."""
        masked = partial(MaskedExamples, masking=_masking(request))
        return Encoding(MaskedTextEncoder(request.tokenizers.source), masked)


def _masking(request: EncodingRequest) -> Masking:
    tokenizer, share = request.tokenizers.source, part(request.settings, MaskedShare).masked_share
    found = [tokenizer.token_id("mask_token"), *(tokenizer.id_of(token) for token in MASKS)]
    mask = next((token for token in found if token is not None), None)
    if mask is None:
        raise ModelError(
            f"{request.tokenizers.folder}: its tokenizer has no mask token, which masked language modeling needs"
        )
    return Masking(share, mask, request.vocabulary, request.seed, tokenizer.max_length, tokenizer.pad_token_id)
