"""Lists the tokenizer files of a model folder."""

FAST, CHAT_TEMPLATE = "tokenizer.json", "chat_template.jinja"
TOKENIZER_CONFIG, SPECIAL_TOKENS_MAP, ADDED_TOKENS = (
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)
VOCABULARIES = ("vocab.txt", "vocab.json", "spiece.model", "spm.model", "sentencepiece.bpe.model", "tokenizer.model")
FILES = (
    FAST,
    *VOCABULARIES,
    "merges.txt",
    TOKENIZER_CONFIG,
    SPECIAL_TOKENS_MAP,
    ADDED_TOKENS,
    CHAT_TEMPLATE,
)
"""All files of a tokenizer, which are copied to a result."""
NOT_RULES = (CHAT_TEMPLATE,)
"""The files on which the tokens of a text do not depend."""
MODEL_CONFIG = "config.json"
"""The model's file with its type, which determines how its tokenizer is converted."""
TARGET_TOKENIZER = "target_tokenizer"
"""The subfolder of an encoder-decoder's target tokenizer, if it has a separate one."""
