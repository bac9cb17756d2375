"""Prepares texts for language models."""

from ftcore.inputs.language.dataset import LanguageExamples
from ftcore.inputs.language.masked_texts import MaskedTexts
from ftcore.inputs.language.plain_texts import PlainTexts
from ftcore.inputs.language.preparer import LanguagePreparer
from ftcore.inputs.language.prompts_and_answers import PromptsAndAnswers
from ftcore.inputs.language.sources_and_targets import SourcesAndTargets

__all__ = [
    "LanguageExamples",
    "LanguagePreparer",
    "MaskedTexts",
    "PlainTexts",
    "PromptsAndAnswers",
    "SourcesAndTargets",
]
