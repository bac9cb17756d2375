"""Loads, converts and trains tokenizers, with special tokens, chat templates and language codes."""

from ftcore.text.chat import ChatTemplate, read_chat_template, template_text
from ftcore.text.copying import copy_target_tokenizer, copy_tokenizer
from ftcore.text.languages import languages
from ftcore.text.messages import ASSISTANT, CONTENT, ROLE
from ftcore.text.padding import PAD, Padding, padding_of
from ftcore.text.pieces import Piece
from ftcore.text.predicate_mark import PREDICATE_MARKS, PredicateMark
from ftcore.text.round_trip import round_trip, round_trip_warning
from ftcore.text.scripts import UNSPACED, scripts_of, with_spaced_characters, words_of_any_script
from ftcore.text.sequences import EncodedChunk
from ftcore.text.special_tokens import SpecialTokens, special_tokens
from ftcore.text.stored_tokenizer import AS_AUTO_TOKENIZER, StoredTokenizer, stored_tokenizer
from ftcore.text.tokenizer import Tokenizer
from ftcore.text.tokenizer_files import FAST, TARGET_TOKENIZER, TOKENIZER_CONFIG
from ftcore.text.tokenizer_training import Before, trained_tokenizer
from ftcore.text.training_settings import BEGIN, TokenizerTraining
from ftcore.text.vocabulary_check import check_class, check_tokenizer

__all__ = [
    "ASSISTANT",
    "AS_AUTO_TOKENIZER",
    "BEGIN",
    "CONTENT",
    "FAST",
    "PAD",
    "PREDICATE_MARKS",
    "ROLE",
    "TARGET_TOKENIZER",
    "TOKENIZER_CONFIG",
    "UNSPACED",
    "Before",
    "ChatTemplate",
    "EncodedChunk",
    "Padding",
    "Piece",
    "PredicateMark",
    "SpecialTokens",
    "StoredTokenizer",
    "Tokenizer",
    "TokenizerTraining",
    "check_class",
    "check_tokenizer",
    "copy_target_tokenizer",
    "copy_tokenizer",
    "languages",
    "padding_of",
    "read_chat_template",
    "round_trip",
    "round_trip_warning",
    "scripts_of",
    "special_tokens",
    "stored_tokenizer",
    "template_text",
    "trained_tokenizer",
    "with_spaced_characters",
    "words_of_any_script",
]
