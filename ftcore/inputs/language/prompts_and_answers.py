"""Defines the input of prompts with answers, or conversations, for causal language models."""

from typing import ClassVar

from ftcore.data import COMPLETION, MESSAGES, PROMPT, Form
from ftcore.errors import ModelError
from ftcore.inputs.language.answers import AnswerEncoder, CompletionEncoder
from ftcore.inputs.language.base import LanguageInput
from ftcore.inputs.language.encoding import Encoding, EncodingRequest
from ftcore.inputs.language.plain_texts import causal_dataset
from ftcore.inputs.language.settings import Separator
from ftcore.parts import SpecPart, part


class PromptsAndAnswers(LanguageInput):
    """A prompt and its completion, or a list of messages; only the answers are learned."""

    name: ClassVar[str] = "prompts-and-answers"
    kind: ClassVar[str] = "causal"
    forms: ClassVar[tuple[Form, ...]] = ((PROMPT, COMPLETION), (MESSAGES,))
    written: ClassVar[tuple[str, ...]] = (COMPLETION, MESSAGES)
    own_parts: ClassVar[tuple[type[SpecPart], ...]] = (Separator,)

    def encoding(self, request: EncodingRequest) -> Encoding:
        """Return the encoding of prompts and answers as examples."""
        tokenizers, end = request.tokenizers, request.tokens.end
        if end is None:
            raise ModelError(f"{tokenizers.folder}: names no token that ends an answer (eos_token, eos_token_id)")
        completions = CompletionEncoder(tokenizers.source, end, part(request.settings, Separator).separator)
        return Encoding(AnswerEncoder(completions, tokenizers.folder), causal_dataset(request))
