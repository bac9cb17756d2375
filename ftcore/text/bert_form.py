"""Tells whether a tokenizer.json is what transformers' BertTokenizer builds, the most common class of all.

BertTokenizer keeps the vocabulary of tokenizer.json and nothing else: it builds the rest from tokenizer_config.json.
"""

from collections.abc import Iterator, Mapping
from typing import Any

CLASSES = ("BertTokenizer", "BertTokenizerFast")
MODEL_TYPES = ("bert", "distilbert", "electra")
"""Model types whose class it is where no file names one."""
ROLES = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}
"""The special tokens of the class where no file names others."""
CLASS, AROUND = "tokenizer_class", "cls_token or sep_token"
DECIDING = {
    ("normalizer", "lowercase"): "do_lower_case",
    ("normalizer", "strip_accents"): "strip_accents",
    ("normalizer", "handle_chinese_chars"): "tokenize_chinese_chars",
    ("model", "unk_token"): "unk_token",
}
"""The field of tokenizer_config.json that decides a field of tokenizer.json; for the others it is the class."""


def of_class(config: Mapping[str, Any], model_config: Mapping[str, Any]) -> bool:
    """Return whether transformers takes this class.

    Args:
        config: the content of tokenizer_config.json.
        model_config: the content of config.json.
    """
    named = config.get("tokenizer_class", model_config.get("tokenizer_class"))
    return named in CLASSES or (named is None and model_config.get("model_type") in MODEL_TYPES)


def differences(
    stored: Mapping[str, Any], config: Mapping[str, Any], special_tokens: Mapping[str, str]
) -> Iterator[tuple[str, Any, Any]]:
    """Yield where the class builds other rules: the field that decides, its value, and what tokenizer.json has.

    Args:
        stored: the content of tokenizer.json.
        config: the content of tokenizer_config.json.
        special_tokens: the special tokens by their role.
    """
    for part, fields in _rules(config, special_tokens).items():
        found = stored.get(part)
        given = {name: value for name, value in found.items() if name != "vocab"} if isinstance(found, dict) else {}
        for name in dict.fromkeys([*fields, *given]):
            if given.get(name, ...) != fields.get(name, ...):
                yield DECIDING.get((part, name), CLASS), fields.get(name), f"{part}.{name} {given.get(name)!r}"
    begin, end = special_tokens["cls_token"], special_tokens["sep_token"]
    if stored.get("post_processor") != _template(begin, end, stored["model"].get("vocab")):
        yield AROUND, [begin, end], "another post_processor"


def _rules(config: Mapping[str, Any], special_tokens: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return {
        "model": {
            "type": "WordPiece",
            "unk_token": special_tokens["unk_token"],
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
        },
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": config.get("tokenize_chinese_chars", True),
            "strip_accents": config.get("strip_accents"),
            "lowercase": config.get("do_lower_case", True),
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
    }


def _template(begin: str, end: str, vocabulary: Any) -> dict[str, Any]:
    def special(token: str, text: int) -> dict[str, Any]:
        return {"SpecialToken": {"id": token, "type_id": text}}

    def sequence(name: str, text: int) -> dict[str, Any]:
        return {"Sequence": {"id": name, "type_id": text}}

    one = [special(begin, 0), sequence("A", 0), special(end, 0)]
    ids = vocabulary if isinstance(vocabulary, dict) else {}
    return {
        "type": "TemplateProcessing",
        "single": one,
        "pair": [*one, sequence("B", 1), special(end, 1)],
        "special_tokens": {token: {"id": token, "ids": [ids.get(token)], "tokens": [token]} for token in (begin, end)},
    }
