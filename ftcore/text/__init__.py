"""Tokenizers: their files, reading, converting and training them, special tokens, templates and language codes."""

from ftcore.text.chat import ChatTemplate, read_chat_template, template_text
from ftcore.text.copying import copy_target_tokenizer, copy_tokenizer
from ftcore.text.languages import Languages, languages
from ftcore.text.messages import ASSISTANT, CONTENT, ROLE
from ftcore.text.pieces import Piece
from ftcore.text.predicate_mark import MARKERS, PREDICATE_MARKS, PredicateMark
from ftcore.text.round_trip import RoundTrip, round_trip, round_trip_warning
from ftcore.text.special_tokens import SpecialTokens, special_tokens
from ftcore.text.tokenizer import EncodedChunk, Tokenizer
from ftcore.text.tokenizer_conversion import tokenizer_file
from ftcore.text.tokenizer_files import CHAT_TEMPLATE, FAST, FILES, TARGET_TOKENIZER, check_tokenizer
from ftcore.text.tokenizer_training import Before, trained_tokenizer
from ftcore.text.training_settings import BEGIN, SPECIAL, TokenizerKind, TokenizerTraining

__all__ = [
    "ASSISTANT",
    "BEGIN",
    "CHAT_TEMPLATE",
    "CONTENT",
    "FAST",
    "FILES",
    "MARKERS",
    "PREDICATE_MARKS",
    "ROLE",
    "SPECIAL",
    "TARGET_TOKENIZER",
    "Before",
    "ChatTemplate",
    "EncodedChunk",
    "Languages",
    "Piece",
    "PredicateMark",
    "RoundTrip",
    "SpecialTokens",
    "Tokenizer",
    "TokenizerKind",
    "TokenizerTraining",
    "check_tokenizer",
    "copy_target_tokenizer",
    "copy_tokenizer",
    "languages",
    "read_chat_template",
    "round_trip",
    "round_trip_warning",
    "special_tokens",
    "template_text",
    "tokenizer_file",
    "trained_tokenizer",
]
