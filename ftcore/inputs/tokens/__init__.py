"""Reads texts and words as tokens."""

from ftcore.inputs.tokens.base import TokenInput
from ftcore.inputs.tokens.checks import check_tokens, reads_tokens
from ftcore.inputs.tokens.chosen_inputs import ChosenInputs
from ftcore.inputs.tokens.next_tokens import NextTokens
from ftcore.inputs.tokens.settings import SeparateTexts, TextLength, TextPair
from ftcore.inputs.tokens.store import MULTIPLE, TokenArrays, TokenDataset
from ftcore.inputs.tokens.texts import Texts, text_rows, texts_of_file
from ftcore.inputs.tokens.tokenizer_folder import TokenizerFolders
from ftcore.inputs.tokens.words import Clauses, Words

__all__ = [
    "MULTIPLE",
    "ChosenInputs",
    "Clauses",
    "NextTokens",
    "SeparateTexts",
    "TextLength",
    "TextPair",
    "Texts",
    "TokenArrays",
    "TokenDataset",
    "TokenInput",
    "TokenizerFolders",
    "Words",
    "check_tokens",
    "reads_tokens",
    "text_rows",
    "texts_of_file",
]
